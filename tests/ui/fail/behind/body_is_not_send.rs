//! The flusher runs in tasks of its own, which the runtime moves from thread to thread.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()> {
        let shared = std::rc::Rc::new(id);
        std::future::ready(()).await;
        drop(shared);
        Ok(())
    }
}

fn main() {}
