//! Methods without a repository.

use cache_runtime::{Cache, cached, invalidates};

struct Products {
    cache: Cache,
    tenant: u32,
}

mod prices {
    use cache_runtime::{Cache, cached};

    #[cached(key = "price:<id>", ttl = "5m")]
    pub async fn price(cache: &Cache, id: i64) -> u64 {
        let _ = cache;
        id.unsigned_abs()
    }
}

impl Products {
    #[cached(key = "product:<self.tenant>:<id>", ttl = "5m", cache = self.cache)]
    async fn find(&self, id: i64) -> Option<String> {
        let missing: Option<String> = None;
        let found = missing?;
        Some(format!("{found} of {}", self.tenant + u32::try_from(id).ok()?))
    }

    #[cached(strategy = "write_around", key = "product:<self.tenant>:<id>", cache = self.cache)]
    async fn import(&self, id: i64) -> Result<(), String> {
        if id == 0 { Err("no id".to_owned()) } else { Ok(()) }
    }

    #[invalidates(prices::price(id), cache = self.cache)]
    async fn reprice(&self, id: i64) {
        let _ = (self.tenant, id);
    }
}

fn main() {
    let products = Products { cache: Cache::memory(), tenant: 1 };
    let _ = (products.find(1), products.import(1), products.reprice(1));
}
