//! A reader changes no row, so there is no previous one. `before` serves the edges of writers.
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
    #[cached(key = "page:<n>", before = self.row(n).await?)]
    async fn page(&self, n: u32) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
