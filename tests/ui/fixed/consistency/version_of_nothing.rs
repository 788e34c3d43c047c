#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(strategy = "write_around", key = "product:<product.id>")]
async fn import(cache: &Cache, product: &Product) {}

fn main() {}
