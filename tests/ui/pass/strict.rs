//! Repositories in which every function says what it does to the cache.
#![deny(warnings)]
#![allow(dead_code)]

use async_trait::async_trait;
use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Views {
    cache: Cache,
}

#[repository(strict, cache = self.cache, ttl = "5m")]
impl Views {
    #[cached(key = "views:<id>")]
    async fn of(&self, id: i64) -> Result<u64, Error> {
        self.ping().await;
        Ok(id.unsigned_abs())
    }

    #[cached(strategy = "write_behind", key = "views:<id>", value = 1, batch = Self::save, unordered)]
    async fn count(&self, id: i64) -> Result<(), Error>;

    // the deferred write of another function
    async fn save(&self, batch: &[i64]) -> Result<(), Error> {
        let _ = batch;
        Ok(())
    }

    #[invalidates(of(id))]
    async fn forget(&self, id: i64) -> Result<(), Error> {
        let _ = id;
        Ok(())
    }

    #[uncached]
    async fn ping(&self) {}

    fn name(&self) -> &str {
        "views"
    }
}

#[async_trait]
trait Store {
    async fn load(&self, id: i64) -> i64;
    async fn ping(&self);
}

#[repository(cache = self.cache, ttl = "5m", strict)]
#[async_trait]
impl Store for Views {
    #[cached(key = "load:<id>")]
    async fn load(&self, id: i64) -> i64 {
        id
    }

    #[cache_runtime::uncached]
    async fn ping(&self) {}
}

// not strict, and marked all the same
struct Lax {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Lax {
    #[cached(key = "lax:<id>")]
    async fn load(&self, id: i64) -> i64 {
        id
    }

    #[uncached]
    async fn ping(&self) {}

    async fn pong(&self) {}
}

fn main() {}
