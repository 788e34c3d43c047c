//! `<` begins a placeholder, and one that never ends could name anything.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "pages < 10", ttl = "5m")]
async fn pages(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
