//! A hit answers with the stored value instead of running the body. With no value it would only leave out the body,
//! and the write that is most likely in it.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) {}

fn main() {}
