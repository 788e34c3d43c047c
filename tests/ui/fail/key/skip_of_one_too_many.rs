//! `skip` says that a parameter does not change the value: of what is no parameter it says nothing.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", skip(trace, locale))]
async fn find(cache: &Cache, id: i64, trace: u64) -> Option<String> {
    None
}

fn main() {}
