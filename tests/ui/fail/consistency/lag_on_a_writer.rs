//! Readers answer from memory; a writer doesn't.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "write_through", key = "product:<id>", ttl = "5m", l1_max_lag = "500ms")]
async fn rename(cache: &Cache, id: i64) -> String {
    id.to_string()
}

fn main() {}
