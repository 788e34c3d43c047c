//! `when` decides before the body runs whether the call uses the cache. Errors are never stored: there is no need to ask.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", when = result.is_ok())]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
