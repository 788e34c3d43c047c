//! A hit of one element would have to run the body for that element alone, after the call.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in ids), verify = 0.001)]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<i64, String> {
        std::collections::HashMap::new()
    }
}

fn main() {}
