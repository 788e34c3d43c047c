//! The key is made before the body runs, from what the caller passes. Here the caller passes nothing that could be the part.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home:<lang>", ttl = "5m")]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
