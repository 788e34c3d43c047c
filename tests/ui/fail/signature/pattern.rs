//! Key and `skip` name parameters, and a pattern has no name. `from` could be in the key while `to` is forgotten.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page", ttl = "5m")]
async fn page(cache: &Cache, (from, to): (u32, u32)) -> Option<String> {
    None
}

fn main() {}
