#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
    ttl: Duration,
}

#[repository(cache = self.cache)]
impl Pages {
    #[cached(key = "page:<n>:<lang>", ttl = |page| Duration::MAX)]
    async fn page(&self, n: u32, lang: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
