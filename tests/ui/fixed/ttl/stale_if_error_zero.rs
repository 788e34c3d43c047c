#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
