//! The schema says how stored values are to be read. `write_around` stores none: it only drops the entry.
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

    #[cached(strategy = "write_around", key = "product:<id>", schema = 2)]
    async fn rename(&self, id: i64) {}
}

fn main() {}
