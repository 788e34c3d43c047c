//! One entry has one type. Whoever reads the other's entry could not decode it, and both would load at every call.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(key = "product:<category>")]
    async fn browse(&self, category: &str) -> Vec<String> {
        Vec::new()
    }
}

fn main() {}
