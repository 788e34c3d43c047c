#![allow(unused)]

use cache_runtime::{Cache, cached};

use std::collections::HashMap;

#[cached(key = "product:<id>", ttl = "5m", each(id in ids))]
async fn find_many(cache: &Cache, ids: &[i64]) -> HashMap<i64, String> {
    HashMap::new()
}

fn main() {}
