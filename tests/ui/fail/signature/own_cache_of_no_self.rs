//! `self.cache` is a field of the repository, and the function is called without one.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

impl Products {
    #[cached(key = "product:<id>", ttl = "5m", cache = self.cache)]
    async fn find(id: i64) -> Option<String> {
        None
    }
}

fn main() {}
