#![allow(unused)]

use cache_runtime::{Cache, repository};

#[derive(Clone)]
struct Products {
    cache: Cache,
}

#[repository(cache = self.cache)]
impl Products {
    #[invalidates(find(id))]
    async fn delete(&self, id: i64) {}
}

fn main() {}
