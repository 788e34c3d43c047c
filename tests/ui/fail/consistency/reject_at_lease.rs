//! At level `lease` a write tells the cache when it has committed. Then it is too late to refuse it.
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

    #[cached(strategy = "write_through", key = "product:<id>", level = "lease", on_fence_fail = "reject")]
    async fn rename(&self, id: i64) -> Result<String, cache_runtime::Error> {
        Ok(id.to_string())
    }
}

fn main() {}
