//! A template is taken apart while compiling, to check its placeholders. Only a text can contain any.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = 7, ttl = "5m")]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
