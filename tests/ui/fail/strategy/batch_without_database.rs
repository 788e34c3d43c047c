//! The transaction makes the batch and its progress one step: both are in the database, or neither.
//! It is begun before the function is called, on the database that the repository names.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, batch = Self::save)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()>;

    async fn save(&self, tx: &mut u8, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
