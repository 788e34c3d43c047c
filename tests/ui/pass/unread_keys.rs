//! Writers whose key nobody reads here, on purpose.
#![deny(warnings)]
#![allow(dead_code)]

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> i64 {
        id
    }

    // read by another service
    #[allow(deprecated)]
    #[cached(strategy = "write_around", key = "prodct:<id>")]
    async fn rename(&self, id: i64) {
        let _ = id;
    }

    // batches writes that nobody reads through the cache
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "seen:<id>", value = id, unordered)]
    async fn seen(&self, id: i64) -> Result<(), Error> {
        let _ = id;
        Ok(())
    }

    // an event: the key is what it is ordered by
    #[cached(strategy = "write_behind", key = "visit:<id>", value = page, coalesce = false, unordered)]
    async fn visited(&self, id: i64, page: String) -> Result<(), Error> {
        let _ = (id, page);
        Ok(())
    }
}

// a block of writers: its readers are elsewhere
#[allow(deprecated)]
#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_around", key = "product:<id>")]
    async fn import(&self, id: i64) {
        let _ = id;
    }
}

fn main() {}
