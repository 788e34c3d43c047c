//! A placeholder stands for the value of a parameter, and here nothing says of which one.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
