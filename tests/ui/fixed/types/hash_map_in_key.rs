#![allow(unused)]

use cache_runtime::{Cache, cached};
use std::collections::HashMap;

#[cached(key = "search:<filters>", ttl = "5m")]
async fn search(cache: &Cache, filters: Filters) -> Option<String> {
    None
}

#[derive(cache_runtime::KeyPart)]
struct Filters {
    category: String,
}

fn main() {}
