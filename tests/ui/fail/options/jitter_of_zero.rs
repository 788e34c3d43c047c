//! Entries that were stored together would expire together, and be loaded together. Jitter spreads them; it can't be switched
//! off.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", jitter = 0)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
