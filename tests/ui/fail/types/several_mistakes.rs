#![allow(unused)]

use cache_runtime::{Cache, KeyPart, cached};

#[derive(KeyPart)]
#[key_part(sensitve, crate)]
struct Point {
    lat: f64,
    near: Vec<u8>,
}

#[cached(key = "near:<lat>:<tags>", ttl = "5m")]
async fn near(cache: &Cache, lat: f64, tags: Vec<String>) -> Option<String> {
    None
}

fn main() {}
