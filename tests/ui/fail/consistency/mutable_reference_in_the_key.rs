//! The body may change what is borrowed mutably, and a hit doesn't run it. So a hit and a miss would leave different things behind.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: &mut i64) -> Option<String> {
    None
}

fn main() {}
