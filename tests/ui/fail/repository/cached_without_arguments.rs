//! The key says which entry a call reads. Nothing can be guessed: a missing part would hand out the entry of another call.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
