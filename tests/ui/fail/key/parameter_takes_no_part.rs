//! Two callers with different values of the parameter would get each other's entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64, lang: String) -> Option<String> {
    None
}

fn main() {}
