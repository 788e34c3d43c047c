#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    tenant: u32,
    cache: Cache,
}

#[repository(cache = CACHE, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<self.tenant>:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }

    #[invalidates(browse(category, ..))]
    async fn restock(&self, category: &str) {}
}

static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::memory);

fn main() {}
