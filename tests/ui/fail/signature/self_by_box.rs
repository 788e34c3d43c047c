//! A function that consumes its repository can be called once. Callers share the repository,
//! and followers wait for the same body.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

impl cache_runtime::HasCache for Products {
    fn cache(&self) -> &Cache {
        &self.cache
    }
}

#[repository(ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(self: Box<Self>, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
