//! All parts of the key are named, so this is one entry, and `..` would make a group of it that has no others.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }

    #[invalidates(browse(category, 1, ..))]
    async fn delete(&self, id: i64, category: &str) {}
}

fn main() {}
