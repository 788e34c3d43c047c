//! An edge that doesn't take the element drops the same entry once for each of them, and none that belongs to it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }

    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(home(), each(id in ids))]
    async fn delete(&self, ids: &[i64]) {}
}

fn main() {}
