//! One body serves many entries, and callers of other batches wait for some of them. One caller's time limit would end
//! the loading for all.
#![allow(unused)]

use cache_runtime::{Cache, cached};

use std::collections::HashMap;

#[cached(key = "product:<id>", ttl = "5m", each(id in ids), timeout = "2s")]
async fn find_many(cache: &Cache, ids: &[i64]) -> HashMap<i64, String> {
    HashMap::new()
}

fn main() {}
