#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[cached(key = "browse:<category>:<page>", ttl = "5m")]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }

    #[invalidates(browse(category, ..))]
    async fn clear(&self, category: &str) {}
}

fn main() {}
