//! A writer drops the entry of its key. A block with nobody who reads it drops what nobody made.
#![deny(warnings)]

use cache_runtime::{Cache, repository};

pub struct Imports {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Imports {
    #[cached(strategy = "write_around", key = "product:<id>")]
    pub async fn import(&self, id: i64) -> cache_runtime::Result<()> {
        let _ = id;
        Ok(())
    }
}

fn main() {}
