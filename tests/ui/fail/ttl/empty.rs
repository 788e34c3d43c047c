//! Most likely the value was forgotten. To take it as zero or as for ever would be a decision that nobody made.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
