//! The closure's one argument is the value. Parameters need not be handed in: the closure sees them, as every closure does.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", unless = |n, page| page.is_empty())]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
