#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "of:<kind>:<id>")]
    async fn of(&self, kind: &str, id: &str) -> Option<String> {
        None
    }

    #[cached(key = "in_lang:<kind>:<id>:<lang>")]
    async fn in_lang(&self, kind: &str, id: &str, lang: &str) -> Option<String> {
        None
    }

    #[cached(key = "new_of:<name>")]
    async fn new_of(&self, name: &str) -> Option<String> {
        None
    }
}

fn main() {}
