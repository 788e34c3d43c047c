#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_around", key = "name:<id>")]
    async fn rename(&self, id: i64, name: String) -> Option<String> {
        None
    }

    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
