#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>-<lang>", ttl = "5m", skip(trase))]
async fn page(cache: &Cache, n: u32, lang: String) -> Option<String> {
    None
}

#[cached(key = "product:<idd>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

#[cached(key = "near:<lat>", ttl = "5m")]
async fn near(cache: &Cache, lat: f64, lang: String) -> Option<String> {
    None
}

fn main() {}
