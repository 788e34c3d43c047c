#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(strategy = "write_through", key = "product:<product.id>", ttl = "5m", value = product, version = <value.revision>)]
async fn put(cache: &Cache, product: &Product) {}

fn main() {}
