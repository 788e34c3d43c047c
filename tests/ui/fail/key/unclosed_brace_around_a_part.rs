//! The braces enclose what chooses the partition. Without the end nobody knows which parts of the key do.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "{user:<id>:cart", ttl = "5m")]
async fn cart(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
