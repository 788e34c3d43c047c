//! The parameters are kept for the time after the call. What keeps them needs their type, and `impl Trait` names none.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64, name: impl Into<String>) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
