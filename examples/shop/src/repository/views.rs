//! How often each product's page was looked at.

use cache_runtime::{Cache, CacheTx, repository};
use sqlx::{Any, AssertSqlSafe};

use crate::{
    db::{self, Db},
    model::Views,
};

/// The view counters.
///
/// They rank products and bill nobody: two visitors in the same instant may count as one.
#[derive(Clone, Debug)]
pub struct ViewCounts {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, db = self.db.pool(), ttl = "1h", negative_ttl = "1h", strict)]
impl ViewCounts {
    /// The counter of a product, if anybody ever looked.
    #[cached(strategy = "read_through", key = "views:<product_id>")]
    pub async fn find(&self, product_id: i64) -> sqlx::Result<Option<Views>> {
        sqlx::query_as("SELECT product_id, views FROM views WHERE product_id = $1")
            .bind(product_id)
            .fetch_optional(self.db.counted("ViewCounts::find"))
            .await
    }

    /// Sets a counter. However often that happens, the database gets only the last value of each, in batches.
    #[cached(strategy = "write_behind", key = "views:<views.product_id>", value = views, batch = Self::save)]
    async fn set(&self, views: Views) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Views]) -> sqlx::Result<()> {
        let rows = db::insert_values(batch.len(), 2);
        // Another instance may have counted further: a counter never goes back.
        let mut upsert = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO views (product_id, views) VALUES {rows}
             ON CONFLICT (product_id) DO UPDATE SET views = excluded.views WHERE views.views < excluded.views"
        )));
        for views in batch {
            upsert = upsert.bind(views.product_id).bind(views.count);
        }
        self.db.count("ViewCounts::set");
        upsert.execute(&mut ***tx).await?;
        Ok(())
    }
}

impl ViewCounts {
    /// Counters over this database and this cache.
    pub const fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }

    /// Counts one more look at a product, and returns how many that makes.
    pub async fn add(&self, product_id: i64) -> sqlx::Result<i64> {
        let before = self.find(product_id).await?.map_or(0, |views| views.count);
        let views = Views { product_id, count: before + 1 };
        self.set(views).await?;
        Ok(views.count)
    }
}
