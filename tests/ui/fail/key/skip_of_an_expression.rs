//! `skip` lists the parameters that don't change the value. An expression is none of them.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "home", ttl = "5m", skip(1))]
async fn home(cache: &Cache) -> Option<String> {
    None
}

fn main() {}
