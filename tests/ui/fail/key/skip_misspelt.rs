//! `skip` says that a parameter does not change the value; it can only say so of one that there is.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", skip(trase))]
async fn find(cache: &Cache, id: i64, trace: u64) -> Option<String> {
    None
}

fn main() {}
