#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: &str) -> Option<String> {
        None
    }

    #[cached(key = "home:product:home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
