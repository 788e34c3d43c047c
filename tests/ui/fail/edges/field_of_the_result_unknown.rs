//! The edge is made of what the function returned: the compiler looks for the field, since the attribute doesn't see the struct.
#![allow(unused)]

use cache_runtime::{Cache, repository};

struct Product {
    id: i64,
}

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[invalidates(find(result.idd))]
    async fn delete(&self, name: &str) -> Product {
        Product { id: 1 }
    }
}

fn main() {}
