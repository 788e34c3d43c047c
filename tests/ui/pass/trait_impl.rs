//! A repository that implements a trait with native async functions and an associated type.

use cache_runtime::{Cache, repository};

trait Find {
    type Item;

    async fn find(&self, id: i64) -> Option<Self::Item>;

    async fn delete(&self, id: i64);

    fn name(&self) -> &'static str {
        "find"
    }
}

struct Products {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Find for Products {
    type Item = String;

    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn find(&self, id: i64) -> Option<Self::Item> {
        let name: Self::Item = Self::Item::from(self.name());
        Some(format!("{name} {id}"))
    }

    #[invalidates(find(id))]
    async fn delete(&self, id: i64) {
        let _ = id;
    }

    fn name(&self) -> &'static str {
        "products"
    }
}

fn main() {
    let products = Products { cache: Cache::memory() };
    let _ = (products.find(1), products.delete(1), products.find_entry(1));
}
