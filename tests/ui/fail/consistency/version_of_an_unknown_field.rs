//! The version is a field of the value, and the value has none of this name.
#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(key = "product:<id>", ttl = "5m", version = <result.revison>)]
async fn find(cache: &Cache, id: i64) -> Option<Product> {
    None
}

fn main() {}
