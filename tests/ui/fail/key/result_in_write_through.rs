//! The old entry is dropped before the body runs, so that no reader takes it while the row changes. The key must be known then.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "name:<result.id>")]
    async fn rename(&self, name: String) -> Option<String> {
        None
    }
}

fn main() {}
