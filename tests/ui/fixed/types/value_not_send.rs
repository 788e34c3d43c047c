#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Product {
    #[serde(skip)]
    seen: std::sync::Arc<u32>,
}

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<Product> {
    None
}

fn main() {}
