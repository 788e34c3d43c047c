//! A reader changes no row, so no other entry can be outdated by it. Edges belong to what writes.
#![allow(unused)]

use cache_runtime::{Cache, cached, invalidates};

#[cached(key = "product:<id>", ttl = "5m", invalidates(other(id)))]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
