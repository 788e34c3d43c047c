//! What is outdated is dropped by a task of the cache, which goes on when the caller leaves; so the result must not borrow from
//! it.
#![allow(unused)]

use cache_runtime::{Cache, repository};
use cache_runtime::Error;

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

    #[invalidates(find(id))]
    async fn delete(&self, id: i64) -> Result<&Cache, Error> {
        Ok(&self.cache)
    }
}

fn main() {}
