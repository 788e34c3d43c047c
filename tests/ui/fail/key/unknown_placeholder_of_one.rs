//! A placeholder is replaced by a parameter of the call: a name that no parameter has stands for nothing.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<slug>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
