//! The key needs a name for the single element, and `each = ids` gives none.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each = ids)]
    async fn find_many(&self, ids: &[i64]) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
