//! The body may be driven by another thread than the caller's: by the leader that loads for several callers. What it holds
//! over an `.await` has to go along.
#![allow(unused)]

use cache_runtime::{Cache, repository};
use std::rc::Rc;

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        let here = Rc::new(id);
        tokio::task::yield_now().await;
        Some(here.to_string())
    }
}

fn main() {}
