//! The word says that nothing cached is changed, so there is nothing to name.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(strict, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[uncached(find)]
    async fn ping(&self) {}
}

fn main() {}
