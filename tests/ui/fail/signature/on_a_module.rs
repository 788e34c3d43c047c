//! The attribute rewrites one function and its key. A module has neither parameters nor a value.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
mod products {}

fn main() {}
