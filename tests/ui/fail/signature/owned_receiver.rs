//! Many callers read through one repository, and a load in the background still needs it when they are gone. A function that
//! uses it up leaves it to nobody.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
