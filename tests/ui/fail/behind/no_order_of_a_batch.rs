//! Without a transaction of the cache's, the batch function can't tell that its flusher was replaced while it was stopped.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "seen:<id>", value = id, batch = Self::save)]
    async fn seen(&self, id: i64) -> cache_runtime::Result<()>;

    async fn save(&self, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
