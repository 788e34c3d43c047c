#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<tenant>", ttl = "5m", cache = *CACHE)]
async fn find(tenant: u32) -> Option<String> {
    None
}

static CACHE: std::sync::LazyLock<Cache> = std::sync::LazyLock::new(Cache::memory);

fn main() {}
