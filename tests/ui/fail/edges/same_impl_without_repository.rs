#![allow(unused)]

use cache_runtime::{Cache, invalidates};

struct Products {
    cache: Cache,
}

impl Products {
    #[invalidates(find(id), cache = self.cache)]
    async fn delete(&self, id: i64) {}
}

fn main() {}
