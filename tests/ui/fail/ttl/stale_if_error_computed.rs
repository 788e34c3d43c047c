//! How long outdated entries are kept is decided once for the function, before any call: it has to be written out.
#![allow(unused)]

use cache_runtime::{Cache, cached};

const LIMIT: u64 = 60;

#[cached(key = "product:<id>", ttl = "5m", stale_if_error = LIMIT)]
async fn find(cache: &Cache, id: i64) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
