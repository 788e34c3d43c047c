#![allow(unused)]

use cache_runtime::{Cache, repository};

#[repository(cache = self.cache)]
struct Products {
    cache: Cache,
}

fn main() {}
