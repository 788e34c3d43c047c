#![allow(unused)]

use cache_runtime::{Cache, cached};
use std::collections::HashMap;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Page;

#[cached(key = "page:<page>", ttl = "5m", each(page in pages))]
async fn sizes(cache: &Cache, pages: &[Page]) -> HashMap<Page, u32> {
    HashMap::new()
}

fn main() {}
