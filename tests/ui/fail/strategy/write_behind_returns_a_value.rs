//! The call is answered when the value is queued. What the database makes, such as an id or a count, doesn't exist by then.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<u64> {
        Ok(1)
    }
}

fn main() {}
