//! The reload runs in the background and takes a copy of the repository with it; `&self` ends with the call.
//! Caches and pools are handles, so the copy is cheap.
#![allow(unused)]

use cache_runtime::{Cache, repository};

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "refresh_ahead", key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
