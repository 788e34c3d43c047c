#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
    db: u8,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<id>", merge = add, value = by, ttl = "1h", batch = Self::save)]
    async fn count(&self, id: i64, by: u64) -> cache_runtime::Result<()>;

    async fn save(&self, tx: &mut u8, batch: &[(i64, u64)]) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(strategy = "write_behind", key = "sums:<sum>", merge = max, coalesce = false, version = <value.n>, jitter = 0.2, batch = Self::save_sums)]
    async fn sum(&self, sum: i64) -> cache_runtime::Result<()>;

    #[cached(strategy = "write_behind", key = "sums:<sum>", value = sum, unordered, batch = Self::save_sums)]
    async fn set(&self, sum: i64) -> cache_runtime::Result<()>;

    #[cached(strategy = "write_behind", key = "others:<sum>", merge = max, deletes, batch = Self::save_sums)]
    async fn other(&self, sum: i64) -> cache_runtime::Result<()>;

    async fn save_sums(&self, tx: &mut u8, batch: &[i64]) -> cache_runtime::Result<()> {
        Ok(())
    }

    #[cached(key = "sums", flush_before(sum))]
    async fn all(&self, tx: &mut u8) -> cache_runtime::Result<Vec<i64>> {
        Ok(Vec::new())
    }
}

fn main() {}
