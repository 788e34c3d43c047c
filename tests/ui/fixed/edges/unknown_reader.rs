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

    #[invalidates(find(id))]
    async fn delete(&self, id: i64, category: &str) {}
}

fn main() {}
