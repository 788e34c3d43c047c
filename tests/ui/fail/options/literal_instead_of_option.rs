//! Every option has a name, so that an attribute reads like a sentence and the order doesn't matter.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached("product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
