//! The repository's ttl holds for every function that has none of its own, and is computed inside the function.
//! A function without `self` can't reach the field.
#![allow(unused)]

use std::time::Duration;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Pages {
    cache: Cache,
    ttl: Duration,
}

#[repository(ttl = self.ttl)]
impl Pages {
    #[cached(key = "page:<n>")]
    async fn page(cache: &Cache, n: u32) -> Result<Option<String>, Error> {
        Ok(None)
    }
}

fn main() {}
