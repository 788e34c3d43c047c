//! `<self.tenant>` is a field of the repository that a method is called on. A free function is called on none.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<self.tenant>:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
