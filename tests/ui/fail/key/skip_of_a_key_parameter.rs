//! `skip` says that the parameter doesn't change the value, and the key says that it does. One of the two is a mistake:
//! too much in `skip` mixes up entries, too much in the key loads the same value again and again.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m", skip(id))]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
