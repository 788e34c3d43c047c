//! A batch uses the cache as a whole or not at all: `when` is asked once, before its elements are looked at.
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
    #[cached(key = "page:<n>", each(n in ns), when = n > 0)]
    async fn pages(&self, ns: &[u32]) -> Result<HashMap<u32, String>, Error> {
        Ok(HashMap::new())
    }
}

fn main() {}
