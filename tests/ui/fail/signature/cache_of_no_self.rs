//! The repository's cache is a field of `self`, which a function without `self` can't reach.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(id: i64) -> Option<String> {
        None
    }
}

fn main() {}
