//! The transaction is one of `sqlx`. Without its feature the cache knows no database to begin one on.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
    db: String,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, batch = Self::save)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()>;

    async fn save(&self, tx: &mut u8, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
