//! Strategies are written like all names of the options, in small letters.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "ReadThrough", key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
