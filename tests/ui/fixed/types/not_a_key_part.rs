#![allow(unused)]

use cache_runtime::{Cache, KeyPart, cached};

#[derive(KeyPart)]
enum Lang {
    En,
    De,
}

#[cached(key = "home:<lang>", ttl = "5m")]
async fn home(cache: &Cache, lang: Lang) -> Option<String> {
    None
}

fn main() {}
