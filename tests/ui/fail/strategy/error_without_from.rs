#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id)]
    async fn rename(&self, id: i64) -> Result<(), std::num::ParseIntError> {
        Ok(())
    }

    #[cached(key = "name:<id>")]
    async fn name(&self, id: i64) -> Result<Option<i64>, std::num::ParseIntError> {
        Ok(None)
    }
}

fn main() {}
