//! The name would mean the element and the collection at once: nobody could tell which of the two an edge is given.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(ids), each(ids in ids))]
    async fn delete(&self, ids: &[i64]) {}
}

fn main() {}
