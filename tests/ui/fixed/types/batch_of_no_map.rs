#![allow(unused)]

use std::collections::HashMap;

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", each(id in ids))]
async fn find_many(cache: &Cache, ids: &[i64]) -> Result<HashMap<i64, Product>, String> {
    Ok(HashMap::new())
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
struct Product;

fn main() {}
