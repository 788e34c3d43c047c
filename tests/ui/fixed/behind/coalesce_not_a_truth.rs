#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "seen:<id>", value = at, coalesce = false, unordered)]
    async fn seen(&self, id: i64, at: u64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
