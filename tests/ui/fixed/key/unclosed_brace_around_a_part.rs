#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "{user:<id>}:cart", ttl = "5m")]
async fn cart(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
