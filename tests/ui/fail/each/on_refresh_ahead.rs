//! The entries of a batch were stored at different times, so there is no one moment at which to reload them ahead.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "refresh_ahead", key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
