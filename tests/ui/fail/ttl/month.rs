//! A month has no fixed length, and `M` beside `m` would be mistaken for minutes.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "1M")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
