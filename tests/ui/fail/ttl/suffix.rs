//! A number always counts seconds. What follows it would be read as a unit, and a type is none.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = 300u64)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
