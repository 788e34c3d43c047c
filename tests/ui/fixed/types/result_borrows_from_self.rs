#![allow(unused)]

use cache_runtime::Error;
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

    #[invalidates(find(id))]
    async fn delete(&self, id: i64) -> Result<Cache, Error> {
        Ok(self.cache.clone())
    }
}

fn main() {}
