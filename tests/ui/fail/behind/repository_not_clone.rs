//! The flusher works on a copy of the repository, long after the call. Caches and pools are handles, so the copy is cheap.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
