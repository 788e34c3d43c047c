#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", level = "strict")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
