//! A group holds the entries that agree in some parts of the key. What is no part can't tell which entries belong to it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>", group(warehouse))]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }
}

fn main() {}
