//! Readers see a deferred write under its key before the database has it. Under a key that no reader has, nobody sees it.
#![deny(warnings)]

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

    #[cached(strategy = "write_behind", key = "last-seen:<id>", value = at, unordered)]
    pub async fn touch(&self, id: i64, at: u64) -> cache_runtime::Result<()> {
        let _ = (id, at);
        Ok(())
    }
}

fn main() {}
