#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "find:<id>:<lang>", ttl = "5m")]
async fn find(cache: &Cache, id: i64, lang: String) -> Option<String> {
    None
}

fn main() {}
