//! What is read must be what is flushed: the argument where a batch function takes one, else a tuple of the arguments.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = name, schema = 2, upcast = from_earlier, unordered)]
    async fn rename(&self, id: i64, name: String) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn from_earlier(schema: u32, json: &str) -> Result<String, String> {
    Err(format!("no schema {schema}"))
}

fn main() {}
