//! The entry would be gone before anyone could hit it, and each call would still pay for storing one.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = 0)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
