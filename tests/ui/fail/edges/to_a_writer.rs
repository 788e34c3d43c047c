//! A writer's key is that of the entry it changes. Whose entry is to be dropped is said by the reader that made it.
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

    #[cached(key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }

    #[cached(strategy = "write_around", key = "product:<id>")]
    async fn import(&self, id: i64) {}

    #[invalidates(import(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
