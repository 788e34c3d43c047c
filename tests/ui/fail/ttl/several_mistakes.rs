#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5 minutes", negative_ttl = 0, timeout = "forever", stale_if_error = -1)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
