#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page", ttl = "5m")]
async fn page(cache: &Cache, _: u32) -> Option<String> {
    None
}

fn main() {}
