//! The runtime under another name.

mod caching {
    pub use ::cache_runtime as runtime;
}

use caching::runtime::{Cache, KeyPart, cached, repository};

// nothing here is called by its first name
mod cache_runtime {}

#[cached(key = "product:<id>", ttl = "5m", crate = crate::caching::runtime)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    let _ = (cache, id);
    None
}

#[derive(KeyPart)]
#[key_part(crate = crate::caching::runtime)]
enum Sort {
    Name,
}

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", crate = caching::runtime)]
impl Products {
    #[cached(key = "list:<sort>")]
    async fn list(&self, sort: Sort) -> Vec<String> {
        let _ = sort;
        Vec::new()
    }
}

fn main() {
    let _ = Products { cache: Cache::memory() }.list(Sort::Name);
}
