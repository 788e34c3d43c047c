//! The schema says how stored values are to be read. `#[invalidates]` stores nothing.
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

    #[invalidates(find(id), schema = 2)]
    async fn delete(&self, id: i64) {}
}

fn main() {}
