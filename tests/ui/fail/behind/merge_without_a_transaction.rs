//! After a crash nobody knows whether a batch was written, unless the database says so. A value may be written once more, but a delta would be added twice.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "views:<views.0>", merge = add)]
    async fn count(&self, views: (i64, u64)) -> sqlx::Result<()> {
        Ok(())
    }
}

fn add(one: (i64, u64), other: (i64, u64)) -> (i64, u64) {
    (one.0, one.1 + other.1)
}

fn main() {}
