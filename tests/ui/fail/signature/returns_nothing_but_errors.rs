//! Errors are never cached and `()` says nothing, so a hit would only leave out the body, and the write that is most
//! likely in it.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Result<(), String> {
    Ok(())
}

fn main() {}
