#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", level = "lease")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(strategy = "write_through", key = "product:<id>", level = "lease")]
    async fn rename(&self, id: i64) -> Result<String, cache_runtime::Error> {
        Ok(id.to_string())
    }
}

fn main() {}
