//! `before` is asked once for the call, and holds one row. A batch writes many: the entries of all rows but one would stay.
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
    #[cached(key = "page:<n>:<lang>")]
    async fn page(&self, n: u32, lang: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }

    #[invalidates(each(n in ns), before = self.row(0).await?, page(n, before))]
    async fn edit(&self, ns: &[u32]) -> Result<String, Error> {
        Ok(String::new())
    }

    async fn row(&self, n: u32) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
