//! The key says which calls share an entry, and which readers and writers meet there. It isn't made from the function's
//! name: to rename the function would then lose all its entries.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
