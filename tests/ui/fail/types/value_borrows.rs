//! The value is kept in the cache when the call is over, and what it borrows from is gone by then.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "name:<id>", ttl = "5m", skip(names))]
async fn name<'a>(cache: &Cache, id: i64, names: &'a [String]) -> Option<&'a str> {
    None
}

fn main() {}
