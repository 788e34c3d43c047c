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
    #[cached(strategy = "write_behind", key = "visit:<id>", value = id, unordered)]
    async fn visit(&self, id: i64, visit: Visit) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
