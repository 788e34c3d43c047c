//! The call returns when its write is in the queue. The transaction begins later, once for a whole batch, and is the batch function's.
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

    #[cached(strategy = "write_behind", key = "name:<id>", value = name)]
    async fn rename(&self, tx: &mut CacheTx<'_, Any>, id: i64, name: String) -> sqlx::Result<()> {
        Ok(())
    }
}

fn main() {}
