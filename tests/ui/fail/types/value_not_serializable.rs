//! In Redis a value is bytes. Without serde nothing says how to turn it into bytes and back.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(Clone)]
struct Product;

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<Product> {
    None
}

fn main() {}
