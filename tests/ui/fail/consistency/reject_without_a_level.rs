//! At level `lease`, that of all but `write_through`, a write tells the cache when it has committed. Then it is too late to refuse it.
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

    #[invalidates(find(id), on_fence_fail = "reject")]
    async fn delete(&self, id: i64) -> Result<(), cache_runtime::Error> {
        Ok(())
    }
}

fn main() {}
