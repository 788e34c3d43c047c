#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", timeout = "2s")]
async fn find(cache: &Cache, id: i64) -> Result<String, cache_runtime::Error> {
    Ok(String::new())
}

fn main() {}
