//! In a strict repository nothing is silent: a forgotten write would leave outdated entries, and nobody would see it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(strict, cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    async fn import(&self, id: i64) {}
}

fn main() {}
