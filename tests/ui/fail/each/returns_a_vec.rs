//! Each value is stored under its element. In a list nothing tells them apart: rows come in any order, and some are absent.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[i64]) -> Vec<String> {
        Default::default()
    }
}

fn main() {}
