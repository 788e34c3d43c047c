#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "views:<id>")]
    async fn views(&self, id: i64) -> cache_runtime::Result<u64> {
        Ok(0)
    }

    #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
    async fn count(&self, id: i64, count: u64) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[invalidates(views(id))]
    async fn forget(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
