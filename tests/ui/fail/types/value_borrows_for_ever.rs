//! A value from Redis is made of bytes that arrive, so it can only be owned, whatever the body returns.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "motto:<n>", ttl = "5m")]
async fn motto(cache: &Cache, n: u32) -> &'static str {
    "memoize"
}

fn main() {}
