//! The entry would have ended before it was stored.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = -5)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
