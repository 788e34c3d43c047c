//! Others call an `extern` function by its exact signature, and the attribute changes what happens behind it: the body runs
//! on a miss only, in a future of the cache.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async extern "C" fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
