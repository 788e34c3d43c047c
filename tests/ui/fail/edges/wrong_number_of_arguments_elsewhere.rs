//! The arguments make the reader's key, so a reader of one parameter has no entry for two of them.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

#[derive(Clone)]
struct Orders {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Orders {
    #[invalidates(Products::find(id, true))]
    async fn place(&self, id: i64) {}
}

fn main() {}
