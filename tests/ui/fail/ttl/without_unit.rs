//! A text can have any unit: 300 ms and 300 minutes would both be likely. Only the bare number has one of its own, seconds.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "300")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
