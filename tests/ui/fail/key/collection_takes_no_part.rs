//! Two callers with different tags would get each other's entry; and a collection has no text that a key could hold.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "tagged", ttl = "5m")]
async fn tagged(cache: &Cache, tags: Vec<String>) -> Option<String> {
    None
}

fn main() {}
