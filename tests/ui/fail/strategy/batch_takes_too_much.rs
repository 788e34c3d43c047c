//! The flusher calls the function with what it has: the repository, the batch and, if wanted, a transaction.
//! It has nothing to pass for other parameters.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, batch = Self::save, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()>;

    async fn save(&self, a: u8, b: u8, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
