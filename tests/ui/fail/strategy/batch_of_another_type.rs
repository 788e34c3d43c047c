//! The queue hands over what the calls were given: here the ids. It can't make another type of them.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "seen:<id>", value = id, batch = Self::save, unordered)]
    async fn seen(&self, id: i64) -> Result<(), cache_runtime::Error>;

    #[cached(key = "seen:<id>")]
    async fn last(&self, id: i64) -> Option<i64> {
        None
    }

    async fn save(&self, batch: &[String]) -> Result<(), cache_runtime::Error> {
        Ok(())
    }
}

fn main() {}
