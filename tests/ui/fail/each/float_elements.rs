//! Floats that look equal often differ: 0.1 + 0.2 isn't 0.3, and NaN isn't even itself. Entries would be stored and not found.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "near:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[f64]) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
