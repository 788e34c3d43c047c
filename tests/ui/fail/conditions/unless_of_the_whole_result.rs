//! The closure's argument is the value itself: what is inside `Result` and `Option`. An absent row is for `negative_ttl`.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", unless = |page: &Option<String>| page.is_none())]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
