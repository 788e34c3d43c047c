#![allow(unused)]

use cache_runtime::{Cache, cached, invalidates, repository};

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[cached(key = "product:<id>", ttl = "5m", cache = self.cache)]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(id), cache = self.cache)]
    async fn delete(&self, id: i64) {}
}

fn main() {}
