//! A level is one of two words. What each of them promises is said in docs/consistency.md.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", level = "linearizable")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
