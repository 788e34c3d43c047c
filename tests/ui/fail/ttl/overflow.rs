//! A number as large as this is nearly always a mistake: nanoseconds, say, or a key held down. No end has a word of its own.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = 99999999999999999999)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
