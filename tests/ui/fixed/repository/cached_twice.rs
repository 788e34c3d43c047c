#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m")]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
