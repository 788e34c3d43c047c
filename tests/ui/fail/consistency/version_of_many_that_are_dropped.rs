//! A write that only drops entries may return anything, so nothing says which row belongs to which entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[cached(strategy = "write_around", key = "product:<id>", each(id in ids), version = <result.revision>)]
async fn touch(cache: &Cache, ids: &[i64]) -> Option<Product> {
    None
}

fn main() {}
