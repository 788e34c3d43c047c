//! A list has no bound on its length, and each order of the same ids would be an entry of its own.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "all:<ids>", ttl = "5m")]
async fn all(cache: &Cache, ids: Vec<i64>) -> Option<String> {
    None
}

fn main() {}
