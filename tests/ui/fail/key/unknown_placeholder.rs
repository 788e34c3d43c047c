//! A placeholder names a parameter, whose value then is a part of the key; this one names none.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<idd>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
