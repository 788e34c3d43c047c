#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "point:<x>:x<y>", ttl = "5m")]
async fn point(cache: &Cache, x: i64, y: i64) -> Option<String> {
    None
}

fn main() {}
