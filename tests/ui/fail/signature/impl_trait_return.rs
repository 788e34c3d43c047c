//! The value is stored and handed to later callers, so its type has to be written down somewhere. `impl Trait` hides it,
//! and many such types, iterators among them, can be used only once.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> impl Iterator<Item = String> {
    std::iter::empty()
}

fn main() {}
