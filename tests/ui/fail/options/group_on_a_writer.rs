//! A group is of the entries that a reader stores. Writers name it in an edge: `browse(category, ..)`.
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

    #[cached(strategy = "write_around", key = "product:<id>", group(id))]
    async fn import(&self, id: i64) {}
}

fn main() {}
