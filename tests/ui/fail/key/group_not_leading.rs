//! The entries of a group have the beginning of their keys in common. All first pages, say, begin with different categories.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>", group(page))]
    async fn browse(&self, category: String, page: u32) -> Option<String> {
        None
    }
}

fn main() {}
