//! The reload runs after the call has answered, on a copy of the repository. A free function leaves nothing behind to run on.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "refresh_ahead", key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
