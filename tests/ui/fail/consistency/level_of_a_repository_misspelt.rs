//! A level is one of two words, also for a whole repository.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", level = "leese")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
