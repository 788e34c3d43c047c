#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "read_through", key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
