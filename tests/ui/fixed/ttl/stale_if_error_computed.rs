#![allow(unused)]

use cache_runtime::{Cache, cached};

const LIMIT: u64 = 60;

#[cached(key = "product:<id>", ttl = "5m", stale_if_error = 300)]
async fn find(cache: &Cache, id: i64) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
