//! A draft whose id is `home` would drop the entry of the home page, and never that of its product.
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

    #[cached(strategy = "write_around", key = "product:<draft.id>")]
    async fn import(&self, draft: &Draft) {}

    #[cached(key = "product:home")]
    async fn home(&self) -> Option<String> {
        None
    }
}

struct Draft {
    id: String,
}

fn main() {}
