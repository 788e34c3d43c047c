//! The function looks up and stores in the cache that this expression names. A number has neither entries nor a store.
#![allow(unused)]

use cache_runtime::cached;

#[cached(key = "product:<id>", ttl = "5m", cache = 7)]
async fn find(id: i64) -> Option<String> {
    None
}

fn main() {}
