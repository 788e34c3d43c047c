//! `when` decides before the body runs whether the call uses the cache; a value doesn't exist yet.
//! What depends on the value is for `unless`, which is the other way round: it says what is left out.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", when = |page| page.is_empty())]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
