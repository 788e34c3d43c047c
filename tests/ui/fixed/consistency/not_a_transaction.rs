#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Connection;

#[cached(key = "product:<id>", ttl = "5m", skip(tx))]
async fn find(cache: &Cache, id: i64, tx: &mut Connection) -> Option<String> {
    None
}

fn main() {}
