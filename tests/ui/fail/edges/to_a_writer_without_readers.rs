//! A writer's key is that of the entry it changes. Whose entry is to be dropped is said by the reader that made it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "price:<id>")]
    async fn reprice(&self, id: i64) -> Option<i64> {
        None
    }

    #[cached(key = "price:<id>")]
    async fn price(&self, id: i64) -> Option<i64> {
        None
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_around", key = "name:<id>", invalidates(price(id)))]
    async fn rename(&self, id: i64) {}

    #[invalidates(rename(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
