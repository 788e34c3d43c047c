//! Each entry carries the stamps of its groups, and only groups that somebody has named are counted. Other blocks can't be seen
//! from the reader's, so it has to say that one of its groups is dropped elsewhere.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>")]
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
