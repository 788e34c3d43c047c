//! `skip` takes a list, since several parameters can be left out of the key.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product", ttl = "5m", skip = id)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
