//! It is the share of the ttl after which the value is reloaded in the background. At all of it the entry has ended,
//! and callers would wait for the reload after all.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "refresh_ahead", key = "home", refresh_at = 1.0)]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
