//! A reader looks for the entry first and runs the body only on a miss. What the body returns comes too late for the key.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<result.id>", ttl = "5m")]
async fn find(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
