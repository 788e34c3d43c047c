//! Two values for one option: whichever won, somebody who reads the other one would be misled.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", ttl = "6m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
