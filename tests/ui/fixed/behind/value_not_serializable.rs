#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
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
