#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Lang;

#[cached(key = "home:<lang>", ttl = "5m")]
async fn home(cache: &Cache, lang: Lang) -> Option<String> {
    None
}

fn main() {}
