#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>:<lang>", ttl = "5m", skip(trace))]
async fn page(cache: &Cache, n: u32, lang: &str, trace: u64) -> Option<String> {
    None
}

fn main() {}
