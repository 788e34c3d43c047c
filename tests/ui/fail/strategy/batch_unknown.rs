//! The flusher calls the batch function on the repository, so it is looked for among the functions of the block.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, batch = Self::sav, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()>;

    async fn save(&self, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
