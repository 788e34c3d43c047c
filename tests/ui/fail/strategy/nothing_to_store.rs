//! `write_through` stores the written value before the call returns. `()` is not the row, so readers would get nothing from it.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "name:<id>")]
    async fn rename(&self, id: i64, name: String) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
