#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "write_behind", key = "name:<id>", ttl = "5m", value = id)]
async fn rename(cache: &Cache, id: i64) -> cache_runtime::Result<()> {
    Ok(())
}

fn main() {}
