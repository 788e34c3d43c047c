//! A writer drops the entry of its key. If no reader has that key, the entry that readers do have stays, and is outdated.
//! It is a warning: the reader may stand elsewhere.
#![deny(warnings)]

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

    #[cached(strategy = "write_around", key = "prodct:<id>")]
    pub async fn rename(&self, id: i64) {
        let _ = id;
    }
}

fn main() {}
