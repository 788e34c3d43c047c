//! If the queue can't be reached the write is refused. Without a `Result` the caller would take a lost write for an accepted one.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, unordered)]
    async fn rename(&self, id: i64, name: String) {}
}

fn main() {}
