//! When the time is up there is no answer of the body. The function's own error type must be able to say so.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", timeout = "2s")]
async fn find(cache: &Cache, id: i64) -> Result<String, std::fmt::Error> {
    Err(std::fmt::Error)
}

fn main() {}
