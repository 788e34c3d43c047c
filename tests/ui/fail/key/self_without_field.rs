//! A part is a single value, such as a number or a text. A repository as a whole is none; one of its fields can be.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<self>", ttl = "5m", cache = CACHE)]
async fn find() -> Option<String> {
    None
}

static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::memory);

fn main() {}
