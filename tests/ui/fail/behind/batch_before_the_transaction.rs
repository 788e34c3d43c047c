//! The batch function is called with the transaction and the batch, in this order.
#![allow(unused)]

use cache_runtime::{Cache, CacheTx, repository};
use sqlx::{Any, AnyPool};

#[derive(Clone)]
struct Counters {
    cache: Cache,
    db: AnyPool,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Counters {
    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> sqlx::Result<Option<String>> {
        Ok(None)
    }

    #[cached(strategy = "write_behind", key = "name:<id>", value = name, batch = Self::save)]
    async fn rename(&self, id: i64, name: String) -> sqlx::Result<()>;

    async fn save(&self, batch: &[(i64, String)], tx: &mut CacheTx<'_, Any>) -> sqlx::Result<()> {
        Ok(())
    }
}

fn main() {}
