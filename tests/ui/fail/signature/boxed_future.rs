#![allow(unused)]

use cache_runtime::{Cache, cached};

use std::future::Future;
use std::pin::Pin;

#[cached(key = "product:<id>", ttl = "5m")]
fn find<'a>(cache: &'a Cache, id: i64) -> Pin<Box<dyn Future<Output = Option<String>> + Send + 'a>> {
    Box::pin(async { None })
}

fn main() {}
