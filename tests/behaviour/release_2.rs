//! The newer of two releases on one Redis: see `release_load.rs`.

#[path = "release_load.rs"]
mod load;

use cache_runtime::{Cache, repository};
use load::{Database, DbError, Release, Seen};
use serde::{Deserialize, Serialize};

/// The discount is new: what the older release stored would be decoded here, without one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Product {
    id: u32,
    version: u64,
    name: String,
    discount: Option<u32>,
}

impl Product {
    fn of(id: u32, version: u64) -> Self {
        Self { id, version, name: format!("product {id}"), discount: Some(id) }
    }
}

#[derive(Clone)]
struct Products {
    db: Database,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn find(&self, id: u32) -> Result<Product, DbError> {
        Ok(Product::of(id, self.db.version(id).await?))
    }

    #[invalidates(find(id))]
    async fn write(&self, id: u32) -> Result<u64, DbError> {
        self.db.write(id).await
    }
}

impl Release for Products {
    async fn read(&self, id: u32) -> Seen {
        let found = self.find(id).await.expect("the database answers");
        Seen { version: found.version, right: found == Product::of(id, found.version) }
    }

    async fn change(&self, id: u32) -> u64 {
        self.write(id).await.expect("the database answers")
    }
}

#[tokio::main]
async fn main() {
    load::run(|cache, db| Products { db, cache }).await;
}
