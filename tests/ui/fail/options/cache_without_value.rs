//! The option is the expression for the cache that the function uses. It can be left out where a parameter is a `&Cache`.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", cache =)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
