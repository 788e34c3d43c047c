#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", on_fence_fail = "refuse")]
impl Products {
    #[cached(key = "product:<id>", level = "lease", verify = 2)]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(strategy = "write_through", key = "product:<id>", version = result.revision)]
    async fn rename(&self, id: i64) -> String {
        id.to_string()
    }

    #[invalidates(find(id), on_fence_fail = "rejekt")]
    async fn delete(&self, id: i64) {}

    #[cached(strategy = "write_around", key = "product:<id>", level = "lease", on_fence_fail = "reject")]
    async fn import(&self, id: i64) {}
}

fn main() {}
