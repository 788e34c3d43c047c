//! The key tells an entry from all others in the cache. All functions with an empty one would share a single entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "", ttl = "5m")]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
