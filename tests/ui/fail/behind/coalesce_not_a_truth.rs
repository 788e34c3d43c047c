//! There are two ways: a later write replaces the one that waits, or the database gets every write in order.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "seen:<id>", value = at, coalesce = "never", unordered)]
    async fn seen(&self, id: i64, at: u64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
