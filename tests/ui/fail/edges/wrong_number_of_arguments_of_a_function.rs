//! The arguments make the reader's key, so a reader of one parameter has no entry for two of them.
#![allow(unused)]

use cache_runtime::{Cache, cached, invalidates};

#[cached(key = "price:<id>", ttl = "5m")]
async fn price(cache: &Cache, id: i64) -> Option<u64> {
    None
}

#[invalidates(price(id, "EUR"))]
async fn reprice(cache: &Cache, id: i64) {}

fn main() {}
