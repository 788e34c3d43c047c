#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<range>", ttl = "5m")]
async fn page(cache: &Cache, range: (u32, u32)) -> Option<String> {
    let (from, to) = range;
    None
}

fn main() {}
