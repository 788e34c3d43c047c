//! An edge is followed once for each element. One that doesn't use the element drops the same entry each time, while the
//! entry of the element stays.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }

    #[invalidates(home(), each(id in ids))]
    async fn delete(&self, ids: &[i64]) {}
}

fn main() {}
