#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
    ttl: Duration,
}

#[repository(ttl = self.ttl)]
impl Pages {
    #[cached(key = "page:<n>")]
    async fn page(&self, cache: &Cache, n: u32) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
