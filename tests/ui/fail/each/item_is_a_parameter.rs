//! `<ids>` in the key could then be one element or the whole collection.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<ids>", each(ids in ids))]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
