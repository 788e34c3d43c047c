#![allow(unused)]

use cache_runtime::{Cache, repository};
use std::sync::Arc;

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        let here = Arc::new(id);
        tokio::task::yield_now().await;
        Some(here.to_string())
    }
}

fn main() {}
