//! The pending value is the only copy until the database has it, and readers are promised to see it.
//! Left out, the write would be lost.
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
    #[cached(strategy = "write_behind", key = "page:<n>", value = n, unless = |page| true, unordered)]
    async fn put(&self, n: u32) -> Result<(), Error> {
        Ok(())
    }

    #[cached(key = "page:<n>")]
    async fn page(&self, n: u32) -> Result<Option<u32>, Error> {
        Ok(None)
    }
}

fn main() {}
