//! The writes of `count` wait in a queue. A write that goes to the database at once would be overwritten by older ones
//! when the queue is written.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<id>", value = count)]
    async fn count(&self, id: i64, count: u64) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(strategy = "write_through", key = "views:<id>")]
    async fn reset(&self, id: i64) -> u64 {
        0
    }
}

fn main() {}
