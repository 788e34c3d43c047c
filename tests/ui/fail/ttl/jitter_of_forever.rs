//! Jitter keeps entries that were stored together from ending together. Without an end there is nothing to spread.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "forever", jitter = 0.2)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
