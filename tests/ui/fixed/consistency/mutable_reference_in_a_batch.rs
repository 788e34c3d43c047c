#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", each(id in ids), skip(trace))]
async fn find_many(cache: &Cache, ids: &[i64], trace: &Vec<i64>) -> std::collections::HashMap<i64, String> {
    std::collections::HashMap::new()
}

fn main() {}
