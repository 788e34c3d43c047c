//! The write runs after the call has answered, on a copy of the repository. A free function leaves nothing behind to run on.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "write_behind", key = "name:<id>", ttl = "5m", value = id, unordered)]
async fn rename(cache: &Cache, id: i64) -> cache_runtime::Result<()> {
    Ok(())
}

fn main() {}
