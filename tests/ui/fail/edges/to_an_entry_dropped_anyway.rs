//! `write_around` drops the entry of its own key already: the edge would only make the reader believe there is another one.
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

    #[cached(strategy = "write_around", key = "product:<id>", invalidates(find(id)))]
    async fn rename(&self, id: i64) {}
}

fn main() {}
