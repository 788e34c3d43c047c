//! Which of the two should hold? With the wrong one, entries written before the change would be read as if they were new.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", schema = 2, schema = 3)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
