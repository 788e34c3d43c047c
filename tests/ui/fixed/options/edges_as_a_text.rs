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

    #[cached(strategy = "write_around", key = "price:<id>", invalidates(find(id)))]
    async fn reprice(&self, id: i64) {}

    #[cached(key = "price:<id>")]
    async fn price(&self, id: i64) -> Option<i64> {
        None
    }
}

fn main() {}
