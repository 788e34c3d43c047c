#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "product:<id>")]
    async fn rename(&self, id: i64) -> Result<String, std::fmt::Error> {
        Err(std::fmt::Error)
    }
}

fn main() {}
