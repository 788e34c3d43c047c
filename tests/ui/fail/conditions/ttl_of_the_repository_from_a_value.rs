//! The repository's ttl is a default for all its functions. A closure takes the value of one type, and each function has its own.
#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
    ttl: Duration,
}

#[repository(cache = self.cache, ttl = |page| Duration::MAX)]
impl Pages {
    #[cached(key = "page:<n>:<lang>")]
    async fn page(&self, n: u32, lang: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
