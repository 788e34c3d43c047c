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

    #[invalidates(before = self.row(n).await?, page(n, before))]
    async fn edit(&self, n: u32) -> Result<String, Error> {
        Ok(String::new())
    }

    async fn row(&self, n: u32) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
