#![allow(unused)]

use cache_runtime::{Cache, invalidates};

#[invalidates(browse(category, ..))]
async fn clear(cache: &Cache, category: &str) {}

fn main() {}
