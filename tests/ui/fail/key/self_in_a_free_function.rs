//! A free function has no `self` whose field could be read, so all shops would be without a part that tells them apart.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<self.shop>:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
