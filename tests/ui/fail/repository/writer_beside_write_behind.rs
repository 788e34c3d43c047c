//! The writes of `count` to the entry are flushed before `reset` runs, because later they would undo it. If the database can't be reached,
//! `reset` must not run, and has to say so.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
    async fn count(&self, id: i64, count: u64) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(strategy = "write_through", key = "views:<id>")]
    async fn reset(&self, id: i64) -> u64 {
        0
    }
}

fn main() {}
