//! At level `lease` a write tells the cache when it has committed. Then it is too late to refuse it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", level = "lease", on_fence_fail = "reject")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
