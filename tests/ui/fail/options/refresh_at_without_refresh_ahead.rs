//! Only `refresh_ahead` reloads before an entry ends. With another strategy the option would silently do nothing.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(strategy = "read_through", key = "product:<id>", ttl = "5m", refresh_at = 0.8)]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
