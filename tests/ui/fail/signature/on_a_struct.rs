//! What is cached is the value of a call. A struct isn't called.
#![allow(unused)]

use cache_runtime::cached;

#[cached(key = "product:<id>", ttl = "5m")]
struct Products;

fn main() {}
