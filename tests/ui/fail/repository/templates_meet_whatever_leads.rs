//! Keys that begin with a parameter can begin with anything, so no word in front of one of them is enough.
//! Each needs its own.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "<kind>:<id>")]
    async fn of(&self, kind: &str, id: &str) -> Option<String> {
        None
    }

    #[cached(key = "<kind>:<id>:<lang>")]
    async fn in_lang(&self, kind: &str, id: &str, lang: &str) -> Option<String> {
        None
    }

    #[cached(key = "<name>:new")]
    async fn new_of(&self, name: &str) -> Option<String> {
        None
    }
}

fn main() {}
