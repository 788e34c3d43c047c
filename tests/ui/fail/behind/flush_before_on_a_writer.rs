//! A writer waits for pending writes to its own entries anyway.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(strategy = "write_around", key = "name:<id>", flush_before(rename))]
    async fn import(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
