//! An `Option` is a part if what is inside is one. A `Vec` is none: its length has no bound, and its order may mean nothing.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "search:<words>", ttl = "5m")]
async fn search(cache: &Cache, words: Option<Vec<String>>) -> Option<String> {
    None
}

fn main() {}
