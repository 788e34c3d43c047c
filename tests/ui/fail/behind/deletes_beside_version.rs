//! The version is a field of the value that is written, and a delete writes none.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", deletes, version = <value.revision>)]
    async fn remove(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
