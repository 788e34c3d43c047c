//! Options that take words take them as texts, as `strategy` does.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", level = 2)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
