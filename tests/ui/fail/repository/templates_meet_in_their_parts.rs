//! With the kind `product` and the id `new` both functions have one entry. A word in front sets their keys apart.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "<kind>:new")]
    async fn newest(&self, kind: &str) -> Option<String> {
        None
    }

    #[cached(key = "product:<id>")]
    async fn find(&self, id: &str) -> Option<String> {
        None
    }
}

fn main() {}
