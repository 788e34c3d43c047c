//! While deltas are pending, readers get what the database has with all of them merged into it: one row and many deltas, of one type.
#![allow(unused)]

use cache_runtime::{Cache, CacheTx, repository};
use serde::{Deserialize, Serialize};
use sqlx::{Any, AnyPool};

#[derive(Clone, Serialize, Deserialize)]
struct Views {
    id: i64,
    count: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Look {
    id: i64,
}

#[derive(Clone)]
struct Counters {
    cache: Cache,
    db: AnyPool,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Counters {
    #[cached(key = "views:<id>")]
    async fn views(&self, id: i64) -> sqlx::Result<Option<Views>> {
        Ok(None)
    }

    #[cached(strategy = "write_behind", key = "views:<look.id>", merge = Self::add, batch = Self::save)]
    async fn looked(&self, look: Look) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Look]) -> sqlx::Result<()> {
        Ok(())
    }

    fn add(one: Look, more: Look) -> Look {
        one
    }
}

fn main() {}
