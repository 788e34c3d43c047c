#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "page:<n>")]
    async fn page(&self, n: u32) -> Option<String> {
        None
    }

    #[cached(key = "first:page:1")]
    async fn first(&self) -> Option<String> {
        None
    }
}

fn main() {}
