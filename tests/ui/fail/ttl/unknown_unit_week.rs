//! A length is read in five units only, so that everybody reads it alike.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "1w")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
