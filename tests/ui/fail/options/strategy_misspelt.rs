//! The strategy decides who runs the body and what becomes of the entry. A guess at what was meant could lose a write.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "write_thru", key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
