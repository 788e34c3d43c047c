//! A length is written in one way only, so that everybody reads it alike. ISO 8601 isn't it.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "PT5M")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
