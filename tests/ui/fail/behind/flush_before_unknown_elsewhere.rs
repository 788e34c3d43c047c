//! The other repository has no function of this name that writes behind.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "names", flush_before(Others::renam))]
    async fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

#[derive(Clone)]
struct Others {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Others {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
