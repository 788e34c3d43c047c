//! A call with several arguments adds them as one tuple.
#![allow(unused)]

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Views {
    id: i64,
    count: u64,
}

#[derive(Clone)]
struct Counters {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Counters {
    #[cached(key = "views:<id>")]
    async fn views(&self, id: i64) -> cache_runtime::Result<Option<Views>> {
        Ok(None)
    }

    #[cached(strategy = "write_behind", key = "views:<views.id>", value = views, batch = Self::save, unordered)]
    async fn put(&self, views: Views, by: u32) -> cache_runtime::Result<()>;

    async fn save(&self, batch: &[Views]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
