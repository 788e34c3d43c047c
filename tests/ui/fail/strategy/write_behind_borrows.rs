//! The write runs in the background when the caller has long gone on. What it borrows from the caller would be gone as well.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64, name: std::borrow::Cow<'_, str>) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
