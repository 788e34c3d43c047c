//! The closure is called in the function and sees what the function sees. A free function has no `self`.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", unless = |page| self.hides(page))]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
