//! A placeholder names a parameter. What identifies the row is a field of it.
#![allow(unused)]

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
struct Session {
    id: i64,
}

#[derive(Clone)]
struct Sessions {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Sessions {
    #[cached(key = "session:<id>")]
    async fn session(&self, id: i64) -> cache_runtime::Result<Option<Session>> {
        Ok(None)
    }

    #[cached(strategy = "write_behind", key = "session:<id>", value = session, unordered)]
    async fn touch(&self, session: Session) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
