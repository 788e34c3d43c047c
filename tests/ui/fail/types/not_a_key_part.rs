//! A key is text, made of the parameters. Nothing says how this type becomes text such that different values never look alike.
#![allow(unused)]

use cache_runtime::{Cache, cached};

enum Lang {
    En,
    De,
}

#[cached(key = "home:<lang>", ttl = "5m")]
async fn home(cache: &Cache, lang: Lang) -> Option<String> {
    None
}

fn main() {}
