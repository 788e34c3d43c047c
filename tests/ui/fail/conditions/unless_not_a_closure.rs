//! `unless` is asked after the body, for its value: that is the closure's argument.
//! What is known before the body runs is for `when`.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", unless = hidden, skip(hidden))]
async fn page(cache: &Cache, n: u32, hidden: bool) -> Result<Option<String>, cache_runtime::Error> {
    Ok(None)
}

fn main() {}
