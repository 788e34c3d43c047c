//! Only the mistake is an error. Whoever calls the functions of the block, or names them in edges, is not told anything.
#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(key = "product:<id>", negative_tll = 5)]
    async fn find(&self, id: i64) -> Option<String> {
        None
    }

    #[cached(key = "browse:<category>:<page>", group(category))]
    async fn browse(&self, category: &str, page: u32) -> Vec<String> {
        Vec::new()
    }
}

struct Audits {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Audits {
    #[invalidates(Products::find(id), Products::browse("a", ..))]
    async fn record(&self, id: i64) {}
}

async fn caller(products: &Products) {
    products.find(1).await;
    products.find_entry(1);
    Products::browse_args("browse:a:1");
}

fn main() {}
