//! This one is the compiler's: the body stays as it was written, so its mistakes are reported where they are.
#![allow(unused)]

use cache_runtime::{Cache, cached};

#[cached(key = "product:<id>", ttl = "5m")]
async fn find(cache: &Cache, id: i64) -> Result<String, String> {
    let name: u8 = id;
    Ok(String::new())
}

fn main() {}
