//! Without any time this process never answers from its memory, which is what happens anyway.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", l1_max_lag = 0)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
