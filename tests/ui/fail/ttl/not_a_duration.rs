//! `true` could mean for ever, or some default. Neither is written, and a wrong guess shows only as stale values.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = true)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
