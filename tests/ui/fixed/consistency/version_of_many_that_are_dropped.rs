#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(strategy = "write_around", key = "product:<id>", each(id in ids))]
async fn touch(cache: &Cache, ids: &[i64]) -> Option<Product> {
    None
}

fn main() {}
