//! The value is shown to every process that shares the queue, so it must be written down.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone)]
struct Name(i64);

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = Name(id), unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
