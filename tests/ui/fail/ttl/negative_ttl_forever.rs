//! An absence kept forever would hide a row for good that is inserted by somebody who doesn't know of the cache.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", negative_ttl = "forever")]
async fn find(cache: &Cache, id: i64) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
