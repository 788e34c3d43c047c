//! An entry that outlives its service has no end, and whoever reads the code should see that without counting days.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "40000d")]
async fn find(cache: &Cache, id: i64) -> Option<String> {
    None
}

fn main() {}
