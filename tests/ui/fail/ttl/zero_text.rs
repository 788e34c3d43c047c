//! Zero is zero in any unit: the entry would be stored, and gone before anyone could hit it.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "0s")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
