//! `negative_ttl` is how long the answer "there is none" is kept. Not to keep it is what happens without the option.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", negative_ttl = 0)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
