//! A write that is refused has no answer of its body. The function's own error type must be able to say so.
#![allow(unused, deprecated)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "write_through", key = "product:<id>", on_fence_fail = "reject")]
    async fn rename(&self, id: i64) -> Result<String, std::fmt::Error> {
        Err(std::fmt::Error)
    }
}

fn main() {}
