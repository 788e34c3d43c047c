#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "all", ttl = "5m")]
async fn all(cache: &Cache) -> Result<Vec<u32>, std::io::Error> {
    Ok((0..5).collect())
}

fn main() {}
