//! An option that isn't known can't be obeyed. Passed over in silence, a misspelt ttl would be a ttl that isn't there.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", tlt = "5m", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
