//! Entries are shared by all threads of the process. What may not leave its thread can't be shared.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Product {
    #[serde(skip)]
    seen: std::rc::Rc<u32>,
}

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<Product> {
    None
}

fn main() {}
