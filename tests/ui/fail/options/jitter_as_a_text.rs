//! The jitter is a share of the ttl: with 0.1, a ttl of 10 minutes becomes one from 9 to 11 minutes.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", jitter = "10%")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
