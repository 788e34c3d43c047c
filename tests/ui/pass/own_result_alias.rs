//! A `Result` of the user's own name, with an error that lives for ever.
#![deny(warnings)]
#![allow(dead_code)]

use cache_runtime::{Cache, repository};

type Answer<T, E> = Result<T, E>;

#[derive(Clone)]
struct Rates {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Rates {
    #[cached(key = "rate:<code>")]
    async fn rate(&self, code: &str) -> Answer<u32, &'static str> {
        let _ = code;
        Err("no such currency")
    }
}

fn main() {}
