//! Without a name it can be neither in the key nor in `skip`, so nobody would have said whether it changes the value.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page", ttl = "5m")]
async fn page(cache: &Cache, _: u32) -> Option<String> {
    None
}

fn main() {}
