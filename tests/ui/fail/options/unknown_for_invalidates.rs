//! `#[invalidates]` drops entries and stores none. How long an entry lives is said where it is stored, by its reader.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[invalidates(find(id), ttl = 5)]
    async fn delete(&self, id: i64) {}

    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
