#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "search:<words>", ttl = "5m")]
async fn search(cache: &Cache, words: Option<Vec<String>>) -> Option<String> {
    None
}

fn main() {}
