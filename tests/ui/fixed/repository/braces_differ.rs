#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Carts {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Carts {
    #[cached(key = "{cart:<user>}:<item>")]
    async fn find(&self, user: u32, item: u32) -> Option<String> {
        None
    }

    #[cached(strategy = "write_around", key = "{cart:<row.0>}:<row.1>")]
    async fn put(&self, row: (u32, u32)) -> Option<()> {
        None
    }
}

fn main() {}
