//! A product whose slug is `home` and the home page would be one entry: the scope is the same for both.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    tenant: u32,
    cache: Cache,
}

#[repository(scope = <self.tenant>, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<slug>")]
    async fn find(&self, slug: &str) -> Option<String> {
        None
    }

    #[cached(key = "product:home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
