//! Once is enough. Most likely the second was meant to be another parameter.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m", skip(trace, trace))]
async fn home(cache: &Cache, trace: u64) -> Option<String> {
    None
}

fn main() {}
