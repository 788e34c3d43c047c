#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "motto:<n>", ttl = "5m")]
async fn motto(cache: &Cache, n: u32) -> String {
    "memoize".to_owned()
}

fn main() {}
