//! `value` is one value for one entry. Here each element has an entry, and the map says which value belongs to which.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "product:<id>", each(id in ids), value = ids)]
    async fn save(&self, ids: Vec<i64>) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
