#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[cached(key = "product:<id>", ttl = "5m", verify = 0.001)]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
