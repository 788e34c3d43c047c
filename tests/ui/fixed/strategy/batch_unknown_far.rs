#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "seen:<id>", value = id, batch = Self::store_everything, unordered)]
    async fn seen(&self, id: i64) -> Result<(), cache_runtime::Error>;

    async fn ping(&self) {}

    async fn store_everything(&self, batch: &[i64]) -> Result<(), cache_runtime::Error> {
        Ok(())
    }
}

fn main() {}
