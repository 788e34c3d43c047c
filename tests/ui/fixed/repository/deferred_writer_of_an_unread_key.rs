#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
pub struct Sessions {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Sessions {
    #[cached(key = "session:<id>")]
    pub async fn session(&self, id: i64) -> cache_runtime::Result<Option<u64>> {
        let _ = id;
        Ok(None)
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "last-seen:<id>", value = at, unordered)]
    pub async fn touch(&self, id: i64, at: u64) -> cache_runtime::Result<()> {
        let _ = (id, at);
        Ok(())
    }
}

fn main() {}
