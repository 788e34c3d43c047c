#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

impl Products {
    #[cached(key = "product:<id>", ttl = "5m", cache = self.cache)]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
