//! Only writes that wait can be merged: this one is in the database when it returns.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_around", key = "views:<id>", merge = add)]
    async fn count(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn add(one: i64, other: i64) -> i64 {
    one + other
}

fn main() {}
