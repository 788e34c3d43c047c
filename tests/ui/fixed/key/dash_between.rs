#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>:<lang>", ttl = "5m")]
async fn page(cache: &Cache, n: u32, lang: String) -> Option<String> {
    None
}

fn main() {}
