//! An option that isn't known can't be obeyed. Passed over in silence, the functions would use another cache than was meant.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cash = self.cache, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
