//! Two callers with different languages would get each other's page.
//! `skip` names another parameter, and says nothing of this one.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "page:<n>", ttl = "5m", skip(trace))]
async fn page(cache: &Cache, n: u32, lang: &str, trace: u64) -> Option<String> {
    None
}

fn main() {}
