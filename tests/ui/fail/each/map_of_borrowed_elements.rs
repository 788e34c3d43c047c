//! The values outlive the call, and so do the keys of their map: a borrowed element is not such a key.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<sku>", each(sku in skus))]
    async fn find_many(&self, skus: &[&str]) -> std::collections::HashMap<String, String> {
        Default::default()
    }
}

fn main() {}
