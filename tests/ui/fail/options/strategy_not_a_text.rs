//! The strategy is a name that the attribute knows, not a type or a value of your program. It is written as text.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = ReadThrough, key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
