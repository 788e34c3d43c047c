#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "cache_aside", key = "home", ttl = "5m", jitter = 0.1)]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
