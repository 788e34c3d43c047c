//! A function without `&self` is called without a repository, so there is no field to read.
#![allow(unused)]

use cache_runtime::{Cache, repository};

static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::memory);

#[derive(Clone)]
struct Products {
    cache: Cache,
    tenant: u32,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<self.tenant>:<id>", cache = CACHE)]
    async fn find(id: i64) -> Option<String> {
        None
    }
}

fn main() {}
