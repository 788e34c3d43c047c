//! The number is a part of the stored schema, four bytes without a sign. It only ever goes up.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", schema = -1)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
