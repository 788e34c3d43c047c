#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
    db: String,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, batch = Self::save, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()>;

    async fn save(&self, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
