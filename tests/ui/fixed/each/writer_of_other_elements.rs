#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "product:<id>", each(id in ids))]
    async fn save(&self, ids: Vec<i64>) -> Result<std::collections::HashMap<i64, String>, String> {
        Ok(Default::default())
    }
}

fn main() {}
