//! The body becomes the loader that runs on a miss, and its value is what is stored. Boxed, both are out of sight: calling
//! the function would give a future, which can't be kept.
#![allow(unused)]

use cache_runtime::{Cache, cached};

use std::future::Future;
use std::pin::Pin;

#[cached(key = "product:<id>", ttl = "5m")]
fn find<'a>(cache: &'a Cache, id: i64) -> Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>> {
    Box::pin(async { None })
}

fn main() {}
