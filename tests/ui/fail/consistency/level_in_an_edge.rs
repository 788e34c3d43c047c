//! A level is one of two words, also beside edges.
#![allow(unused)]

use cache_runtime::{Cache, cached, invalidates};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

#[invalidates(find(id), level = "Strict")]
async fn delete(cache: &Cache, id: i64) {}

fn main() {}
