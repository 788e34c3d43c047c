//! A strategy says what reading and writing do to the entry. What is thrown out when the cache is full is another question.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "lru", key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
