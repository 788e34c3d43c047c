//! A reader changes nothing, so it makes nothing outdated. A writer names its key and its edges in one attribute.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    #[invalidates(home())]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(key = "home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

fn main() {}
