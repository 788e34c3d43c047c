//! Most likely a `<` was forgotten. Then `id` would be plain text, the same for all callers, who would share an entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:id>:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
