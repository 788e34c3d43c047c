//! This writer drops the entry and stores none. How long the next one lives is said by the reader that stores it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_around", key = "product:<id>", ttl = "5m")]
    async fn import(&self, id: i64) {}
}

fn main() {}
