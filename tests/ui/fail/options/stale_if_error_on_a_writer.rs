//! A reader that fails may answer with the last value. A writer that fails has not written: nothing can stand in for that.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(strategy = "write_through", key = "product:<id>", stale_if_error = "1h")]
    async fn rename(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
