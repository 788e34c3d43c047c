#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "motto:<n>", ttl = "5m")]
async fn motto(cache: &Cache, n: u32) -> &'static str {
    "memoize"
}

fn main() {}
