//! The batch looks up each element in the map that the body returned: with other keys nothing could be found.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<String, String> {
        Default::default()
    }
}

fn main() {}
