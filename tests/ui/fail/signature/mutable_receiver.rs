//! On a hit the body doesn't run, so what it does to `self` would happen on some calls only. Neither can several callers
//! wait for one load if each has to borrow the repository alone.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&mut self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
