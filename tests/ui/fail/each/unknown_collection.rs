//! The elements are taken from this parameter, and the body gets those that were a miss through it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in idz))]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
