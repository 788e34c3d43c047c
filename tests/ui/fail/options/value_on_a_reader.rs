//! A reader stores what its body returns. Another value would come back on the next hit, and the caller would get something else.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", value = id)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
