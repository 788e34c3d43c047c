//! The ttl bounds how long a value can be wrong when a write goes past the cache. Only you know how long that may be,
//! so there is no default.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
