#![allow(unused)]

use cache_runtime::{Cache, Sensitive, repository};

#[derive(Clone)]
struct Users {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Users {
    #[cached(key = "user:<id>")]
    async fn user(&self, id: i64) -> cache_runtime::Result<Option<i64>> {
        Ok(None)
    }

    #[cached(strategy = "write_around", key = "user:<id>")]
    async fn set_password(&self, id: i64, password: Sensitive<String>) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
