#![allow(unused)]

use cache_runtime::{Cache, repository};

pub struct Imports {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Imports {
    #[cached(strategy = "write_around", key = "product:<id>")]
    pub async fn import(&self, id: i64) -> cache_runtime::Result<()> {
        let _ = id;
        Ok(())
    }

    #[cached(key = "product:<id>")]
    pub async fn product(&self, id: i64) -> cache_runtime::Result<Option<String>> {
        let _ = id;
        Ok(None)
    }
}

fn main() {}
