#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home:<lang>", ttl = "5m")]
async fn home(cache: &Cache, lang: String) -> Option<String> {
    None
}

fn main() {}
