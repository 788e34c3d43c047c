#![allow(unused)]

use cache_runtime::cached;

#[cached(key = "page:<n>", ttl = "5m")]
fn page((from, to): (u32, u32), n: u32) -> impl Iterator<Item = String> {
    std::iter::empty()
}

fn main() {}
