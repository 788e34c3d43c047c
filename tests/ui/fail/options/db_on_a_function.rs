//! `db` is where the transactions of batches begin. All functions of a repository write to one database, so it is named once,
//! there.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", db = pool)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
