#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<shop>:<id>", ttl = "5m")]
async fn find(cache: &Cache, shop: u32, id: i64) -> Option<String> {
    None
}

fn main() {}
