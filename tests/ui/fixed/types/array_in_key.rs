#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "sum:<numbers>", ttl = "5m")]
async fn sum(cache: &Cache, numbers: Numbers) -> Option<u32> {
    None
}

#[derive(cache_runtime::KeyPart)]
struct Numbers(u8, u8, u8, u8);

fn main() {}
