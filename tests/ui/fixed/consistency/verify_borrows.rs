#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<name>", verify = 0.001)]
    async fn find(&self, name: String) -> Option<String> {
        None
    }
}

fn main() {}
