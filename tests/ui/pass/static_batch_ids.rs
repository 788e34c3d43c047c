//! The elements of a batch may be texts that live for ever, and so may the keys of the map it returns.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::HashMap;

use cache_runtime::{Cache, Error, repository};

#[derive(Clone)]
struct Rates {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Rates {
    #[cached(key = "rate:<code>", each(code in codes))]
    async fn rates(&self, codes: &[&'static str]) -> Result<HashMap<&'static str, u32>, Error> {
        Ok(codes.iter().map(|code| (*code, 1)).collect())
    }
}

fn main() {}
