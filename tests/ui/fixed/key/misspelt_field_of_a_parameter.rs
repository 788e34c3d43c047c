#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Product {
    id: i64,
}

#[cached(strategy = "write_around", key = "product:<product.id>")]
async fn import(cache: &Cache, product: &Product) {}

fn main() {}
