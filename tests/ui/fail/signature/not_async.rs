//! A miss waits for the body, the store, or another caller's load. A function that isn't async would block its thread for it.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
