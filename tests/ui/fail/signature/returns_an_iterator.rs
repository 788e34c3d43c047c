//! A value is stored and handed out again, and encoded for the shared store: an iterator could be used only once, and its type
//! has no name to decode it as.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "all", ttl = "5m")]
async fn all(cache: &Cache) -> Result<impl Iterator<Item = u32>, std::io::Error> {
    Ok(0..5)
}

fn main() {}
