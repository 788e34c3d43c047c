//! A duration is a whole number of its unit, so that what is written is exactly what is meant and nothing is rounded.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = 1.5)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
