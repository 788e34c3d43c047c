#![allow(unused)]

use cache_runtime::{Cache, repository};

trait Products {
    async fn find(&self, id: i64) -> Option<String>;
}

struct InMemory {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products for InMemory {
    #[cached(key = "product:<id>", ttl = "5m")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
