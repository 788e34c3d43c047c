//! The parts are whole numbers here, but the key doesn't know that: a text could end in the letter that should separate it from
//! the next. Only a character that is escaped in every part tells where one ends.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "point:<x>x<y>", ttl = "5m")]
async fn point(cache: &Cache, x: i64, y: i64) -> Option<String> {
    None
}

fn main() {}
