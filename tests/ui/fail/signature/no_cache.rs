//! There is no global cache: a service can have several, and each test its own. So it is passed, or named.
#![allow(unused)]

use cache_runtime::cached;

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(id: i64) -> Option<String> {
    None
}

fn main() {}
