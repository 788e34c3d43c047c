//! The key, the body and the edges name the parameter each for itself; a pattern would leave them without a name for the whole.
#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Point {
    x: i64,
    y: i64,
}

#[cached(key = "point:<x>", ttl = "5m")]
async fn point(cache: &Cache, Point { x, y }: Point) -> Option<String> {
    None
}

fn main() {}
