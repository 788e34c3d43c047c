//! The caller is answered before the write reaches the database, so nothing has been returned yet that an edge could be made of.
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

    #[cached(strategy = "write_behind", key = "name:<id>", value = id, invalidates(find(result.id)), unordered)]
    async fn rename(&self, id: i64) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
