#![allow(unused)]

use cache_runtime::{Cache, repository};

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[cached(key = "home", ttl = "5m")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
