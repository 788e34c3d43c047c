//! Each value of the map is stored as an entry of its own. In Redis that is bytes, and without serde nothing makes them.
#![allow(unused)]

use cache_runtime::{Cache, cached};
use std::collections::HashMap;

#[derive(Clone)]
struct Page;

#[cached(key = "page:<n>", ttl = "5m", each(n in ns))]
async fn pages(cache: &Cache, ns: &[u32]) -> HashMap<u32, Page> {
    HashMap::new()
}

fn main() {}
