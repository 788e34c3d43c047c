//! The number is in the stored entries, so every build must know it: it is a literal, not a constant that may differ.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", schema = two)]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
