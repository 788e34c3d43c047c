#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Point {
    x: i64,
    y: i64,
}

#[cached(key = "point:<at.x>:<at.y>", ttl = "5m")]
async fn point(cache: &Cache, at: Point) -> Option<String> {
    let Point { x, y } = at;
    None
}

fn main() {}
