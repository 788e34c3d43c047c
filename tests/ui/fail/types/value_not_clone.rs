//! On a hit the caller gets a value of its own while the entry stays. It is either cloned or, inside an `Arc`, shared.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(serde::Serialize, serde::Deserialize)]
struct Product;

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Result<Option<Product>, String> {
    Ok(None)
}

fn main() {}
