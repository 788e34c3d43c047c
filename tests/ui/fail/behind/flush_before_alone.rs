//! Alone, the attribute sees no other functions. A type leads to them.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, cached, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }
}

#[cached(key = "names", ttl = "5m", flush_before(rename))]
async fn names(cache: &Cache) -> Vec<String> {
    Vec::new()
}

fn main() {}
