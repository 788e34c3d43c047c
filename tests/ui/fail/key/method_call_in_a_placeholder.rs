//! A key is made of parameters as they came, so that a writer can make the same key from the same values. Code in a placeholder
//! would have to be repeated in every edge.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "name:<name.trim()>", ttl = "5m")]
async fn size(cache: &Cache, name: &str) -> Option<u64> {
    None
}

fn main() {}
