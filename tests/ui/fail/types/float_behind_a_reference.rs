//! One number has several texts as a float, and numbers that should be equal differ in the last digit.
//! Such keys would miss what is cached, reference or not.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "near:<lat>", ttl = "5m")]
async fn near(cache: &Cache, lat: &f32) -> Option<String> {
    None
}

fn main() {}
