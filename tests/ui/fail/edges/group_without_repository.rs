//! What groups there are is known from the readers and edges of a block, and a function alone doesn't see the others.
#![allow(unused)]

use cache_runtime::{Cache, invalidates};

#[invalidates(browse(category, ..))]
async fn clear(cache: &Cache, category: &str) {}

fn main() {}
