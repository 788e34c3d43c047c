//! Generated code names the runtime by this path, for a project that renames or re-exports it. Text is not a path.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", crate = "cache_runtime")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
