//! The time is a promise about how old a value can be. Without an end it would be none.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", l1_max_lag = "forever")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
