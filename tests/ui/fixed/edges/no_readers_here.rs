#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[derive(Clone)]
struct Catalog {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Catalog {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

#[repository(cache = self.cache)]
impl Products {
    #[invalidates(Catalog::find(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
