//! `#[repository]` above `#[async_trait]`.

use async_trait::async_trait;
use cache_runtime::{Cache, repository};

#[async_trait]
trait Find: Send + Sync {
    async fn find(&self, id: i64) -> Result<Option<String>, String>;
    async fn rename(&self, id: i64, name: &str) -> Result<String, String>;
}

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
#[async_trait]
impl Find for Products {
    #[cached(strategy = "refresh_ahead", key = "product:<id>")]
    async fn find(&self, id: i64) -> Result<Option<String>, String> {
        Ok(Some(id.to_string()))
    }

    #[cached(strategy = "write_through", key = "product:<id>")]
    async fn rename(&self, id: i64, name: &str) -> Result<String, String> {
        let _ = id;
        Ok(name.to_owned())
    }
}

fn main() {
    let products: Box<dyn Find> = Box::new(Products { cache: Cache::memory() });
    let _ = (products.find(1), products.rename(1, "a"));
}
