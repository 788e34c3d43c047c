//! A group is there to drop many entries with one edge. With a single entry in it, each hit would read a generation
//! besides the entry, and nothing would be gained: the entry can be dropped by itself.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "browse:<category>:<page>", group(category, page))]
    async fn browse(&self, category: String, page: u32) -> Option<String> {
        None
    }
}

fn main() {}
