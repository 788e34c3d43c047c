//! A plain number means seconds. The type of a literal says nothing about its unit, though it looks as if it did.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", negative_ttl = 30u64)]
async fn find(cache: &Cache, id: i64) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
