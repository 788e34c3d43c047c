//! A deferred write waits with its arguments: on the disk of Redis, or in a table, where backups and operators see them. A secret doesn't belong there.
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

    #[cached(strategy = "write_behind", key = "user:<id>", value = id, unordered)]
    async fn set_password(&self, id: i64, password: Sensitive<String>) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
