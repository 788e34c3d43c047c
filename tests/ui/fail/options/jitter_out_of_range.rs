//! Jitter is the share of the ttl by which it is moved at random, so that entries made together don't end together.
//! A whole ttl or more would leave entries that end when they begin.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "cache_aside", key = "home", ttl = "5m", jitter = 1.5)]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
