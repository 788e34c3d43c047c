//! The key is made from the field's value: the compiler looks for the field, since the attribute doesn't see the struct.
#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Product {
    id: i64,
}

#[cached(strategy = "write_around", key = "product:<product.idd>")]
async fn import(cache: &Cache, product: &Product) {}

fn main() {}
