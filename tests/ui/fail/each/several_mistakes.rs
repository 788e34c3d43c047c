#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "products", each(id in ids), timeout = "2s")]
    async fn find_many(&self, ids: &[i64]) -> Vec<String> {
        Default::default()
    }
}

fn main() {}
