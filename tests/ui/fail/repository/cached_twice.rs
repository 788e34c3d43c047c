//! A function has one entry per call. Under two attributes it would be cached in a cache around itself.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m")]
#[cached(key = "start", ttl = "5m")]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
