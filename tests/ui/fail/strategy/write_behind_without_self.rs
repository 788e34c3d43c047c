#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = CACHE, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id)]
    async fn rename(id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
