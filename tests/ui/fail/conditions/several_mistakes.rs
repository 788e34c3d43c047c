#![allow(unused)]

use std::collections::HashMap;
use std::time::Duration;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
    ttl: Duration,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Pages {
    #[cached(key = "page:<n>", when = |page| true, unless = hidden, skip(hidden))]
    async fn page(&self, n: u32, hidden: bool) -> Result<Option<String>, Error> {
        Ok(None)
    }

    #[cached(key = "many:<n>", each(n in ns), when = n > 0, ttl = |a, b| a)]
    async fn many(&self, ns: &[u32]) -> Result<HashMap<u32, String>, Error> {
        Ok(HashMap::new())
    }

    #[invalidates(before = result.id, page(before))]
    async fn edit(&self, n: u32) -> Result<String, Error> {
        Ok(String::new())
    }

    #[invalidates(page(before))]
    async fn remove(&self, n: u32) -> Result<String, Error> {
        Ok(String::new())
    }
}

fn main() {}
