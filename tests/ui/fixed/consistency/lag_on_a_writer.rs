#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "write_through", key = "product:<id>", ttl = "5m")]
async fn rename(cache: &Cache, id: i64) -> String {
    id.to_string()
}

fn main() {}
