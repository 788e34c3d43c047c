//! One number has several floats (0.0 and -0.0, rounding), so equal arguments would miss each other's entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "near:<lat>", ttl = "5m")]
async fn near(cache: &Cache, lat: f64) -> Option<String> {
    None
}

fn main() {}
