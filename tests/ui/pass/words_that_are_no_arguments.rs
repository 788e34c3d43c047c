//! `self`, `result` and the element of a batch as other words: a module, a local name, a field of a pattern.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::HashMap;

use cache_runtime::{Cache, Error, cached, repository};

mod config {
    pub const TTL: std::time::Duration = std::time::Duration::from_secs(5);
}

#[cached(key = "alone:<n>", ttl = self::config::TTL)]
async fn alone(cache: &Cache, n: u32) -> Result<u32, Error> {
    Ok(n)
}

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Page {
    n: u32,
}

#[derive(Clone)]
struct Pages {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Pages {
    #[cached(key = "page:<n>", when = { let result = n; result > 1 })]
    async fn page(&self, n: u32) -> Result<Page, Error> {
        Ok(Page { n })
    }

    #[cached(key = "page:<n>", each(n in ns), unless = |page| matches!(page, Page { n: 0, .. }))]
    async fn pages(&self, ns: &[u32]) -> Result<HashMap<u32, Page>, Error> {
        Ok(ns.iter().map(|n| (*n, Page { n: *n })).collect())
    }

    #[cached(strategy = "refresh_ahead", key = "front:<n>", ttl = self::config::TTL)]
    async fn front(&self, n: u32) -> Result<Page, Error> {
        Ok(Page { n })
    }

    #[invalidates(before = self.front(n).await.map(|result| result.n)?, page(before))]
    async fn rename(&self, n: u32) -> Result<(), Error> {
        let _ = n;
        Ok(())
    }
}

fn main() {}
