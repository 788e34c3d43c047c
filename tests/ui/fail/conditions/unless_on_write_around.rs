//! `write_around` stores no value, it drops the entry. There is nothing that `unless` could leave out.
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
    #[cached(strategy = "write_around", key = "page:<n>", unless = |page| true)]
    async fn put(&self, n: u32) -> Result<(), Error> {
        Ok(())
    }

    #[cached(key = "page:<n>")]
    async fn page(&self, n: u32) -> Result<Option<u32>, Error> {
        Ok(None)
    }
}

fn main() {}
