//! A deadline that never comes is none. Without the option the body has as long as it takes, and the code says so.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", timeout = "forever")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
