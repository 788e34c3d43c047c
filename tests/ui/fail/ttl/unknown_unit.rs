//! There are five units with one spelling each, so that nobody takes `m` for months or for milliseconds.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5 minutes")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
