//! A write is refused when the queue is full or closed. The function must be able to say so with its own error type.
//! `ParseIntError` is a type of another crate: only an error around it can be given the `From`.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64) -> Result<(), std::num::ParseIntError> {
        Ok(())
    }

    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> Result<Option<i64>, std::num::ParseIntError> {
        Ok(None)
    }
}

fn main() {}
