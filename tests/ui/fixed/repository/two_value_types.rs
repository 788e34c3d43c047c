#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn name(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(key = "stock:<code>")]
    async fn stock(&self, code: i64) -> Result<u64, String> {
        Ok(1)
    }
}

fn main() {}
