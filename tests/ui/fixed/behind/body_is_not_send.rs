#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()> {
        let shared = std::sync::Arc::new(id);
        std::future::ready(()).await;
        drop(shared);
        Ok(())
    }
}

fn main() {}
