#![allow(unused)]

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Product {
    id: i64,
    name: String,
    revision: u64,
}

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "product:<product.id>", value = product, version = <value.revision>)]
    async fn put(&self, product: Product) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
