//! A ttl belongs to a value. That the row is absent is shown until the database has the delete, and then the database is asked.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", ttl = "1h", deletes, unordered)]
    async fn remove(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
