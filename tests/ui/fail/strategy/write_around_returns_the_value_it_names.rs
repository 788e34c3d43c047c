//! `write_around` stores nothing: it drops the entry, and the next reader loads it. It has no use for a value.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_around", key = "name:<id>", value = name)]
    async fn rename(&self, id: i64, name: String) -> Option<String> {
        None
    }

    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
