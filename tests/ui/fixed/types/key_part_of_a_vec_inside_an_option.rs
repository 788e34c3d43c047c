#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "search:<words>", ttl = "5m")]
async fn search(cache: &Cache, words: Option<Words>) -> Option<String> {
    None
}

#[derive(cache_runtime::KeyPart)]
struct Words(String);

fn main() {}
