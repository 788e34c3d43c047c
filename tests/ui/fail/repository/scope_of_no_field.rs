//! The scope leads in every key of the block, so it must be known in every function: only fields of `self` are.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    tenant: u32,
    cache: Cache,
}

#[repository(scope = <tenant>, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
