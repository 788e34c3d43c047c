//! The number is a part of the stored schema, four bytes. Count changes with it, not dates or versions.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", schema = 4_294_967_296)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
