//! A repository is what functions share: a cache, a ttl, the edges between them. A single function shares with nobody.
#![allow(unused)]

use cache_runtime::repository;

#[repository(cache = CACHE)]
async fn find(id: i64) -> Option<String> {
    None
}

fn main() {}
