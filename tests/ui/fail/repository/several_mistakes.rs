#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(strict, scope = self.tenant, cache = self.cache, tll = "5m")]
impl Products {
    #[cached(key = "product:<id>", ttl = 60)]
    async fn find(&self, id: &str) -> Option<String> {
        None
    }

    #[cached(key = "product:home")]
    async fn home(&self) -> Option<String> {
        None
    }

    async fn import(&self, id: &str) {}

    #[uncached(home)]
    async fn ping(&self) {}

    #[cached(strategy = "write_thruogh", key = "product:<id>")]
    async fn rename(&self, id: &str) -> Option<String> {
        None
    }
}

fn main() {}
