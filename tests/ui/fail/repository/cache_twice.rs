//! Which of the two should hold? Readers and writers would work on different caches.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
