//! Types, modules and macros with the names that expansions use, and raw identifiers.
#![allow(dead_code, unused_imports, non_camel_case_types)]

mod shadows {
    pub struct Result;
    pub struct Option;
    pub struct String;
    pub struct Vec;
    pub struct Clone;
    pub mod core {}
    pub mod std {}
}

use cache_runtime::{Cache, repository};
use shadows::*;

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "kind:<type>:<__key>:<__slot>")]
    async fn r#match(&self, r#type: u8, __key: u8, __slot: u8) -> ::std::option::Option<u8> {
        ::std::option::Option::Some(r#type + __key + __slot)
    }

    #[cached(strategy = "write_through", key = "kind:<type>:<__key>:<__cache>", invalidates(r#match(result, 1, __cache)))]
    async fn write(&self, r#type: u8, __key: u8, __cache: u8) -> u8 {
        r#type + __key + __cache
    }
}

fn main() {
    let products = Products { cache: Cache::memory() };
    let _ = (products.r#match(1, 2, 3), products.match_entry(1, 2, 3), Products::match_args("kind:1:2:3"));
}
