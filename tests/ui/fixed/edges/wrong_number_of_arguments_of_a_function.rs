#![allow(unused)]

use cache_runtime::{Cache, cached, invalidates};

#[cached(key = "price:<id>", ttl = "5m")]
async fn price(cache: &Cache, id: i64) -> Option<u64> {
    None
}

#[invalidates(price(id))]
async fn reprice(cache: &Cache, id: i64) {}

fn main() {}
