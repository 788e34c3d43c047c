//! A batch is a loop over a collection that the caller hands over: without it there is nothing to look up.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in ids))]
    async fn find_many(&self) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
