#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "route:<stops>", each(stops in routes))]
    async fn lengths(&self, routes: &[String]) -> std::collections::HashMap<String, u64> {
        Default::default()
    }
}

fn main() {}
