//! In Redis a value is bytes. Without serde nothing says how to turn it into bytes and back.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
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
