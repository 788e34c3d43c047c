//! The key holds a field of the reader's repository, and another repository has another `self`: it would drop the entry of the
//! wrong tenant, or none.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    tenant: u32,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<self.tenant>:<id>")]
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
    #[invalidates(Products::find(id))]
    async fn place(&self, id: i64) {}
}

fn main() {}
