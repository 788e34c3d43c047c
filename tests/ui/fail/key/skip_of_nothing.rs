//! It leaves nothing out of the key. Most likely a name was forgotten.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m", skip())]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
