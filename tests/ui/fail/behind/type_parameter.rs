//! Any process may flush the write, also one that was started later. It knows the function and the arguments as they were written down, not the types of a call.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_behind", key = "name:<id>", value = id, unordered)]
    async fn rename<N: Into<String>>(&self, id: i64, name: N) -> cache_runtime::Result<()> {
        Ok(())
    }
}

fn main() {}
