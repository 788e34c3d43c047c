//! A group is what begins alike. `..` leaves out the last parameters, but in the key the first of them stands behind: what the
//! group shares is no beginning.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>")]
    async fn browse(&self, page: u32, category: &str) -> Option<String> {
        None
    }

    #[invalidates(browse(1, ..))]
    async fn clear(&self) {}
}

fn main() {}
