//! The batch goes through a parameter of the call: a name that no parameter has holds no elements.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in products))]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
