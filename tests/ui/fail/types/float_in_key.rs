#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "near:<lat>", ttl = "5m")]
async fn near(cache: &Cache, lat: f64) -> Option<String> {
    None
}

fn main() {}
