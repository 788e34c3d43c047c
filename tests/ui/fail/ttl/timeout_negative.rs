//! The body would be given up before it begins.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", timeout = -1)]
async fn find(cache: &Cache, id: i64) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
