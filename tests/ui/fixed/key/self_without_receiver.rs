#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<tenant>:<id>", ttl = "5m")]
async fn find(cache: &Cache, tenant: u32, id: i64) -> Option<String> {
    None
}

fn main() {}
