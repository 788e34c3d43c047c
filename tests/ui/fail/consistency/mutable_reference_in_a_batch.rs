//! The body runs once more for the elements whose load failed elsewhere, so it is made from what can be used more than once.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", each(id in ids), skip(trace))]
async fn find_many(cache: &Cache, ids: &[i64], trace: &mut Vec<i64>) -> std::collections::HashMap<i64, String> {
    std::collections::HashMap::new()
}

fn main() {}
