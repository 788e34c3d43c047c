//! Functions of one name of which `cfg` leaves one.
#![deny(warnings)]
#![allow(dead_code, unexpected_cfgs)]

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cfg(not(mocked))]
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Result<Option<String>, Error> {
        Ok(Some(id.to_string()))
    }

    #[cfg(mocked)]
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Result<u32, Error> {
        Ok(1)
    }

    #[cfg(not(mocked))]
    #[cached(key = "page:<n>")]
    async fn page(&self, n: u32) -> u32 {
        n
    }

    #[cfg(mocked)]
    #[cached(key = "page:1")]
    async fn page(&self) -> u32 {
        1
    }

    // `home` is no number, and no `bool` or one character
    #[cached(key = "product:home")]
    async fn home(&self) -> u32 {
        1
    }

    #[invalidates(find(id), home())]
    async fn delete(&self, id: i64) {
        let _ = id;
    }
}

fn main() {}
