//! The units are those of the table, so that `"5min"` and `"5m"` can't mean different things in different places.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5 minutes")]
impl Products {
    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
