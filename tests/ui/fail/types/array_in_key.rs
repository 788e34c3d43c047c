//! A collection has no bound on its length, and its order matters or it doesn't: only you know which values mean the same entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "sum:<numbers>", ttl = "5m")]
async fn sum(cache: &Cache, numbers: [u8; 4]) -> Option<u32> {
    None
}

fn main() {}
