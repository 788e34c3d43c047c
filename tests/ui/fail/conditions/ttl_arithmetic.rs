//! A literal after `ttl` is read as seconds. An expression is ordinary Rust, in which a number has no unit: 300 what?
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = 5 * 60)]
async fn page(cache: &Cache, n: u32) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
