//! A map has no order: one map would make many keys, and no two processes the same.
#![allow(unused)]

use cache_runtime::{Cache, cached};
use std::collections::HashMap;

#[cached(key = "search:<filters>", ttl = "5m")]
async fn search(cache: &Cache, filters: HashMap<String, String>) -> Option<String> {
    None
}

fn main() {}
