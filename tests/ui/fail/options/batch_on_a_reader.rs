//! A batch function writes many acknowledged values to the database at once. A reader has none: its body is the loader.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", batch = save)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
