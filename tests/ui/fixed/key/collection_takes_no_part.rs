#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "tagged", ttl = "5m", skip(tags))]
async fn tagged(cache: &Cache, tags: Vec<String>) -> Option<String> {
    None
}

fn main() {}
