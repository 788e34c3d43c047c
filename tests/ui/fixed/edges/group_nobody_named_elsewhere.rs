#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>", group(category))]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }
}

#[derive(Clone)]
struct Orders {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Orders {
    #[invalidates(Products::browse(category, ..))]
    async fn place(&self, category: &str) {}
}

fn main() {}
