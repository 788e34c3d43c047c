//! The body is called with the elements that are missing, which are handed on in a `Vec` or as a slice of it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &std::collections::HashSet<i64>) -> std::collections::HashMap<i64, String> {
        Default::default()
    }
}

fn main() {}
