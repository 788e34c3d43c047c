#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m", skip())]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
