//! A flusher that is stopped for a while, by its machine or its kernel, may wake when another has long flushed newer writes. Something has to refuse what it still holds:
//! the transaction of the batch, which knows which flusher is the current one, or the row itself, by its version. Where older values do no harm, `unordered` says so.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
