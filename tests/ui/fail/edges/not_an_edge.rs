//! An edge is checked by the compiler: the reader has to exist, and the arguments to make its key. A text could say anything.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(key = "browse:<category>:<page>")]
    async fn browse(&self, category: &str, page: u32) -> Option<String> {
        None
    }

    #[invalidates("find")]
    async fn delete(&self, id: i64, category: &str) {}
}

fn main() {}
