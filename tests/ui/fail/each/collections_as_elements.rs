//! Each element has a text in the key, and a list of numbers has none that the framework could choose.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "route:<stops>", each(stops in routes))]
    async fn lengths(&self, routes: &[Vec<i64>]) -> std::collections::HashMap<Vec<i64>, u64> {
        Default::default()
    }
}

fn main() {}
