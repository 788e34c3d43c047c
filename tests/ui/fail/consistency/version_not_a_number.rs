//! Versions are compared, and the greater one is the newer. Texts don't grow with every change.
#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(key = "product:<id>", ttl = "5m", version = <result.name>)]
async fn find(cache: &Cache, id: i64) -> Option<Product> {
    None
}

fn main() {}
