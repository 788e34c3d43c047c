//! The comparison runs after the call, on a copy of the repository. A function alone has no place for such a body.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", verify = 0.001)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
