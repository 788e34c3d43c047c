//! One text for all elements doesn't say what the entry of a single element is.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: Vec<i64>) -> Result<String, String> {
        Ok(String::new())
    }
}

fn main() {}
