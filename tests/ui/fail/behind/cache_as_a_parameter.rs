//! A borrowed cache ends with the call. The flusher has one of its own, which it finds in the repository.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, cache: &Cache, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
