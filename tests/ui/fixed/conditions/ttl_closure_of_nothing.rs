#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = Duration::from_secs(5))]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
