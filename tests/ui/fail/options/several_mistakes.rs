#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "read_thruogh", key = "product:<id>", ttl = 0, jitter = 2, tmeout = 5)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
