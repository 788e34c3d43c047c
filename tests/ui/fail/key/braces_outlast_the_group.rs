//! One edge drops a whole group, by a generation that is stored beside the group's entries. A page inside the braces would
//! spread the entries of a category over many partitions, and nothing can lie beside all of them.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "{browse:<category>:<page>}", group(category))]
    async fn browse(&self, category: String, page: u32) -> Option<String> {
        None
    }
}

fn main() {}
