#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    tenant: u32,
    cache: Cache,
}

#[repository(cache = CACHE, ttl = "5m")]
impl Products {
    #[cached(key = "product:<self.tenant>:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(id))]
    async fn delete(&self, id: i64) {}
}

static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::memory);

fn main() {}
