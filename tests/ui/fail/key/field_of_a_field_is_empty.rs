//! A placeholder is a path of fields, and behind each dot stands the next one. There is no part to take from an empty name.
#![allow(unused)]

use cache_runtime::{Cache, cached};

struct Order {
    id: u64,
}

#[cached(key = "order:<order.>", ttl = "5m")]
async fn total(cache: &Cache, order: &Order) -> Option<u64> {
    None
}

fn main() {}
