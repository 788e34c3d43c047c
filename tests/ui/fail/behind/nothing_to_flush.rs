//! A flusher writes what `write_behind` functions have acknowledged. This repository has none of them.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> cache_runtime::Result<i64> {
        Ok(id)
    }
}

fn main() {
    let products = Products { cache: Cache::memory() };
    products.cache.flusher().serve(products.clone());
}
