#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<id>", value = count)]
    async fn count(&self, id: i64, count: u64) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(strategy = "write_behind", key = "views:<id>", value = 0_u64)]
    async fn reset(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
