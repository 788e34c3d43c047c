#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m", skip(trace))]
async fn home(cache: &Cache, trace: u64) -> Option<String> {
    None
}

fn main() {}
