#![allow(unused)]

use std::collections::HashMap;

use cache_runtime::{Cache, cached};

#[cached(key = "all:<id>", ttl = "5m", each(id in ids))]
async fn all(cache: &Cache, ids: Vec<i64>) -> HashMap<i64, String> {
    HashMap::new()
}

fn main() {}
