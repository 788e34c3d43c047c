//! A name without a path is a reader of the same block, and this block has none: the edge would drop nothing.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[invalidates(find(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
