#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", each(id in ids))]
async fn find_many(cache: &Cache, ids: &[i64]) -> Result<Product, String> {
    Ok(Product)
}

#[derive(Clone, Copy)]
struct Product;

fn main() {}
