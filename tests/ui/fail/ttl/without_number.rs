//! The unit alone could be one of it, or the number was forgotten. Between 1 and 90 minutes lies a lot of load.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
