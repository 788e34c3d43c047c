//! A key is parsed back into the parameters when entries are warmed, refreshed or verified. An expression can't be undone.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id + 1>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
