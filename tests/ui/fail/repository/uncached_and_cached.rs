//! One says that the function uses the cache, the other that it has nothing to do with it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    #[uncached]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
