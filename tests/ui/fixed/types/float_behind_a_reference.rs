#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "near:<lat>", ttl = "5m")]
async fn near(cache: &Cache, lat: &i64) -> Option<String> {
    None
}

fn main() {}
