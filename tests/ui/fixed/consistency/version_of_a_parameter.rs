#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(strategy = "write_through", key = "product:<product.id>", ttl = "5m", version = <result.revision>)]
async fn update(cache: &Cache, product: &Product) -> Product {
    Product { revision: product.revision + 1, ..product.clone() }
}

fn main() {}
