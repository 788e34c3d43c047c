//! Whoever calls an `unsafe fn` vouches for that call. Through the cache one call's body answers others, or runs again later.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async unsafe fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
