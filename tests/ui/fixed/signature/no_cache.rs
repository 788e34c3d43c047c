#![allow(unused)]

use cache_runtime::cached;

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &cache_runtime::Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
