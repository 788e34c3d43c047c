//! The closure decides whether the value is left out of the cache. That is yes or no; a number decides nothing.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", unless = |page| page.len())]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
