//! The entries of a group are those whose keys begin with the same parts. A name that is no part gathers none.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>", group(categry))]
    async fn browse(&self, category: String, page: u32) -> Option<String> {
        None
    }
}

fn main() {}
