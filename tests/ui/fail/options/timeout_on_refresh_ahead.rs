//! The reload runs while callers are answered from the entry: nobody waits for it, so there is no wait to limit.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "refresh_ahead", key = "home", timeout = "2s")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
