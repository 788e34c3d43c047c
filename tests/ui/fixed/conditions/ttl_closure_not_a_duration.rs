#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = |page| Duration::from_secs(page.len() as u64))]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
