//! A method without the option uses `self` itself as the cache. This one only holds data, so the cache must be named.
#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Products;

impl Products {
    #[cached(key = "product:<id>", ttl = "5m")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

type Unused = Cache;

fn main() {}
