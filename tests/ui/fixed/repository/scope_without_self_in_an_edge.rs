#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    tenant: u32,
    cache: Cache,
}

#[repository(scope = <self.tenant>, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
