#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "name:<name>", ttl = "5m")]
async fn size(cache: &Cache, name: &str) -> Option<u64> {
    None
}

fn main() {}
