#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<result.id>", ttl = "5m")]
async fn find(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
