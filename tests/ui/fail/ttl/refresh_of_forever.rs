//! The reload ahead begins after a share of the entry's life, such as 0.8 of it. Of a life without end there is no share.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "refresh_ahead", key = "home", ttl = "forever")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
