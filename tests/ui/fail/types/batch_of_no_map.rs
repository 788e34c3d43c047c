//! A batch asks for many entries and stores each under its own key. Only a map says which value belongs to which id.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", each(id in ids))]
async fn find_many(cache: &Cache, ids: &[i64]) -> Result<Product, String> {
    Ok(Product)
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Product;

fn main() {}
