#![allow(unused)]

use cache_runtime::{Cache, KeyPart, cached};
use std::collections::HashMap;

#[derive(KeyPart, Clone, PartialEq, Eq, Hash)]
struct Page(u32);

#[cached(key = "page:<page>", ttl = "5m", each(page in pages))]
async fn sizes(cache: &Cache, pages: &[Page]) -> HashMap<Page, u32> {
    HashMap::new()
}

fn main() {}
