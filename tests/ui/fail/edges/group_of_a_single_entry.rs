//! A reader without parameters has the one entry, so there are no others that `..` could mean.
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

    #[invalidates(home(..))]
    async fn redecorate(&self) {}
}

fn main() {}
