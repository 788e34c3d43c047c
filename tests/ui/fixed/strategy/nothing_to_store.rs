#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "name:<id>")]
    async fn rename(&self, id: i64, name: String) -> Result<String, String> {
        Ok(name)
    }
}

fn main() {}
