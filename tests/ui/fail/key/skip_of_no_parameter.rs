//! A name that is misspelt or left over from a rename looks as if a parameter had been left out of the key on purpose.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", skip(trase))]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
