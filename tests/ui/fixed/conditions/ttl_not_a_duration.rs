#![allow(unused)]

use cache_runtime::{Cache, cached};

fn seconds(n: u32) -> u64 {
    u64::from(n)
}

#[cached(key = "page:<n>", ttl = std::time::Duration::from_secs(seconds(n)))]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
