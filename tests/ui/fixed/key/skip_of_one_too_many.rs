#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", skip(trace))]
async fn find(cache: &Cache, id: i64, trace: u64) -> Option<String> {
    None
}

fn main() {}
