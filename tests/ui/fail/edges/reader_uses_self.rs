#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = CACHE, ttl = "5m")]
impl Products {
    #[cached(key = "product:<self.tenant>:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(id))]
    async fn delete(id: i64) {}
}

fn main() {}
