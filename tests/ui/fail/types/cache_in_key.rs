//! A key says what was asked for, not where the answer is kept. Besides, two handles of one cache must find the same entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "all:<cache>", ttl = "5m")]
async fn all(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
