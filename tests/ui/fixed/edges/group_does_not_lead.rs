#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<page>:<category>")]
    async fn browse(&self, page: u32, category: &str) -> Option<String> {
        None
    }

    #[invalidates(browse(1, ..))]
    async fn clear(&self) {}
}

fn main() {}
