//! All entries of a group are dropped by one step in one partition, which the text up to the end of the group has to choose.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "{browse:<category>:pages}:<page>", group(category))]
    async fn browse(&self, category: String, page: u32) -> Option<String> {
        None
    }
}

fn main() {}
