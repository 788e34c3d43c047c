//! Each element has a key of its own, so an element is a part like any parameter.
//! Only its type can say which of its values mean the same entry.
#![allow(unused)]

use cache_runtime::{Cache, cached};
use std::collections::HashMap;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Page(u32);

#[cached(key = "page:<page>", ttl = "5m", each(page in pages))]
async fn sizes(cache: &Cache, pages: &[Page]) -> HashMap<Page, u32> {
    HashMap::new()
}

fn main() {}
