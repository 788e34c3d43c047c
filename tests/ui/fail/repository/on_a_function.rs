#![allow(unused)]

use cache_runtime::repository;

#[repository(cache = CACHE)]
async fn find(id: i64) -> Option<String> {
    None
}

fn main() {}
