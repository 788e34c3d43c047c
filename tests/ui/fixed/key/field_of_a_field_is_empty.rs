#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Order {
    id: u64,
}

#[cached(key = "order:<order.id>", ttl = "5m")]
async fn total(cache: &Cache, order: &Order) -> Option<u64> {
    None
}

fn main() {}
