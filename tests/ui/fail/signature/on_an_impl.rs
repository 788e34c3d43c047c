//! The attribute rewrites one function and its key; a block of functions has an attribute of its own.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[cached(key = "product:<id>", ttl = "5m")]
impl Products {
    async fn find(&self, id: i64) -> Option<String> {
        None
    }
}

fn main() {}
