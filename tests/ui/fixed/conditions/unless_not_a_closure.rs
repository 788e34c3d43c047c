#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", when = !hidden, skip(hidden))]
async fn page(cache: &Cache, n: u32, hidden: bool) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
