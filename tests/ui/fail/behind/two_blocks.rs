//! The flusher gets the repository once, with all its functions. Put those that write behind into one block; readers and other writers may stand in any.
#![allow(unused, deprecated)]

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
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "seen:<id>", value = at, unordered)]
    async fn seen(&self, id: i64, at: u64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
