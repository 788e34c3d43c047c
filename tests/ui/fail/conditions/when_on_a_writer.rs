//! A writer that passed the cache by would leave the old entry there, and readers would go on getting it.
#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
    ttl: Duration,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Pages {
    #[cached(strategy = "write_through", key = "page:<n>", when = n > 0)]
    async fn put(&self, n: u32) -> Result<String, Error> {
        Ok(String::new())
    }
    #[cached(key = "page:<n>")]
    async fn page(&self, n: u32) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
