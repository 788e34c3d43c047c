//! An option that isn't known can't be obeyed, and passing over it in silence would hide the mistake.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", colour = 1)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
