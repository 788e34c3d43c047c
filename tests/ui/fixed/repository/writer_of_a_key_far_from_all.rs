#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
pub struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    pub async fn find(&self, id: i64) -> Option<String> {
        Some(id.to_string())
    }

    #[cached(strategy = "write_around", key = "product:<id>")]
    pub async fn move_to(&self, warehouse: u32, id: i64) {
        let _ = (warehouse, id);
    }
}

fn main() {}
