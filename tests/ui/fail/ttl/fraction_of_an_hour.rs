//! A length is a whole number of a unit, so that it is stored and compared without rounding.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "0.5h")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
