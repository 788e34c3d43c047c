//! A placeholder stands for the value of a parameter. Here there is no such value to tell the entries apart.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<slug>", ttl = "5m")]
async fn find(cache: &Cache, id: i64, lang: String) -> Option<String> {
    None
}

fn main() {}
