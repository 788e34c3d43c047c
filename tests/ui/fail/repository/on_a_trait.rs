//! A trait has no bodies to cache, and no type that holds the cache. Both are in its `impl`s.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[repository(cache = self.cache)]
trait Products {
    async fn find(&self, id: i64) -> Option<String>;
}

fn main() {}
