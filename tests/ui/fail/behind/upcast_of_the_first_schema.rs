//! Arguments are written down with the number of their schema, which is 1 unless it is said. What was written with another number goes through `upcast`; there is nothing else.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, upcast = from_earlier, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn from_earlier(schema: u32, json: &str) -> Result<(i64, String), String> {
    Err(format!("no schema {schema}"))
}

fn main() {}
