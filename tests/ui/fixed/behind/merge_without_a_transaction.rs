#![allow(unused)]

use cache_runtime::{Cache, CacheTx, repository};
use sqlx::{Any, AnyPool};

#[derive(Clone)]
struct Products {
    cache: Cache,
    db: AnyPool,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<views.0>", merge = add, batch = Self::save)]
    async fn count(&self, views: (i64, u64)) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[(i64, u64)]) -> sqlx::Result<()> {
        Ok(())
    }
}

fn add(one: (i64, u64), other: (i64, u64)) -> (i64, u64) {
    (one.0, one.1 + other.1)
}

fn main() {}
