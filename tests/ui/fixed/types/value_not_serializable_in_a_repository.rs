#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Product;

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<Product> {
        None
    }
}

fn main() {}
