//! What is borrowed mutably can't be part of a key. If it is a transaction that the cache knows of, the cache is left alone while it is open; if it is
//! another one, the value may be one that nobody else may see yet.
#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Connection;

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64, tx: &mut Connection) -> Option<String> {
    None
}

fn main() {}
