//! The body is what loads the value on a miss. Without it there would never be an entry.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String>;
}

fn main() {}
