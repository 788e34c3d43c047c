//! Strategies are written like all names of the options, with `_` between the words.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "read-through", key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
