#![allow(unused)]

use std::sync::LazyLock;

use cache_runtime::{Cache, repository};

static CACHE: LazyLock<Cache> = LazyLock::new(Cache::memory);

#[derive(Clone)]
struct Products;

#[repository(cache = *CACHE, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
