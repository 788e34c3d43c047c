//! A flusher belongs to one cache, and takes what was acknowledged through that one.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
    other: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
    async fn count(&self, id: i64, count: u64) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(strategy = "write_behind", key = "name:<id>", value = name, cache = self.other, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
