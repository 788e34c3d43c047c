#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "name:<id>", ttl = "5m", skip(names))]
async fn name<'a>(cache: &Cache, id: i64, names: &'a [String]) -> Option<String> {
    None
}

fn main() {}
