#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "name:<name>")]
    async fn rename(&self, name: String) -> Option<String> {
        None
    }
}

fn main() {}
