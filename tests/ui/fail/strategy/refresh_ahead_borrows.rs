//! The reload runs in the background when the caller has long gone on. What it borrows from the caller would be gone as well.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "refresh_ahead", key = "home:<lang>")]
    async fn home(&self, lang: std::borrow::Cow<'_, str>) -> Option<String> {
        None
    }
}

fn main() {}
