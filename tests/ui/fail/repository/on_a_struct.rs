//! A repository is a block of functions. A struct has only fields, and nothing to cache.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[repository(cache = self.cache)]
struct Products {
    cache: Cache,
}

fn main() {}
