//! The attribute of one function doesn't see the others of its block, so it can't know how the reader's key is made.
#![allow(unused)]

use cache_runtime::{Cache, cached, invalidates, repository};

struct Products {
    cache: Cache,
}

impl Products {
    #[cached(key = "product:<id>", ttl = "5m", cache = self.cache)]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(id), cache = self.cache)]
    async fn delete(&self, id: i64) {}
}

fn main() {}
