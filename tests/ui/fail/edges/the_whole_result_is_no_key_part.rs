//! The reader's key is made of an id, and the whole row is none: its text would be that of no entry.
#![allow(unused)]

use cache_runtime::{Cache, repository};

struct Product {
    id: i64,
}

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

    #[invalidates(find(result))]
    async fn delete(&self, name: &str) -> Product {
        Product { id: 1 }
    }
}

fn main() {}
