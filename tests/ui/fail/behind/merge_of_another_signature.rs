//! `merge` gets two deltas, and makes one of them: all by value, since nobody needs the two any more.
#![allow(unused)]

use cache_runtime::{Cache, CacheTx, repository};
use serde::{Deserialize, Serialize};
use sqlx::{Any, AnyPool};

#[derive(Clone, Serialize, Deserialize)]
struct Views {
    id: i64,
    count: u64,
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

    #[cached(strategy = "write_behind", key = "views:<more.id>", merge = Self::add, batch = Self::save)]
    async fn looked(&self, more: Views) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Views]) -> sqlx::Result<()> {
        Ok(())
    }

    fn add(one: &Views, more: &Views) -> Views {
        Views { id: one.id, count: one.count + more.count }
    }
}

fn main() {}
