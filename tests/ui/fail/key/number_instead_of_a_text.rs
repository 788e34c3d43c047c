//! A key is a template of text and placeholders. A number without either would be the one key of every call.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = 5, ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
