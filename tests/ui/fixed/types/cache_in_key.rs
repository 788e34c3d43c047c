#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "all", ttl = "5m")]
async fn all(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
