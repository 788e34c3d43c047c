//! The template is the text that names the entry. It can't be guessed from the option's name.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key, ttl = "5m")]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
