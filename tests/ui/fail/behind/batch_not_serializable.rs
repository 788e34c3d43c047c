//! The arguments are written down until the database has them: another process, of another release, may flush them.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};
use serde::{Deserialize, Serialize};

struct Visit {
    page: String,
}

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "visit", value = 1_u8, batch = Self::save, unordered)]
    async fn visit(&self, visit: Visit) -> cache_runtime::Result<()>;

    async fn save(&self, batch: &[Visit]) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
