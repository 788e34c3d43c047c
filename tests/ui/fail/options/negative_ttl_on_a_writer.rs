//! `negative_ttl` is how long a reader's `None` is kept, so that absent rows aren't asked for again. A writer looks nothing up.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "product:<id>", negative_ttl = 30)]
    async fn rename(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
