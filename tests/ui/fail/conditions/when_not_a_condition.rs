//! `when` decides whether this call uses the cache. That is yes or no; a number decides nothing.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", when = n)]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
