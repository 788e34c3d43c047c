//! A group is for edges, which drop all its entries at once. What that takes is made beside the reader, in its `impl` block.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "browse:<category>:<page>", ttl = "5m", group(category))]
async fn browse(cache: &Cache, category: &str, page: u32) -> Option<String> {
    None
}

fn main() {}
