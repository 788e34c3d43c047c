//! How often each product's page was looked at.

use cache_runtime::{Cache, CacheTx, repository};
use sqlx::{Any, AssertSqlSafe};

use crate::{
    db::{self, Db},
    model::Views,
};

/// The view counters.
///
/// Each look is a delta: many of them become one row, and none is lost when several instances count at once, or when one is killed.
#[derive(Clone, Debug)]
pub struct ViewCounts {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, db = self.db.pool(), ttl = "5m", negative_ttl = "5m", strict)]
impl ViewCounts {
    /// The counter of a product, if anybody ever looked; looks that the database doesn't have yet are counted, which costs a
    /// statement while there are any.
    #[cached(strategy = "read_through", key = "views:<product_id>")]
    pub async fn find(&self, product_id: i64) -> sqlx::Result<Option<Views>> {
        self.read(product_id, "ViewCounts::find").await
    }

    /// What the product's page shows: the counter as it was a while ago.
    #[cached(strategy = "read_through", key = "views-shown:<product_id>")]
    pub async fn shown(&self, product_id: i64) -> sqlx::Result<Option<Views>> {
        self.read(product_id, "ViewCounts::shown").await
    }

    /// Counts further looks at a product. However many there are, the database gets one sum for each product, in batches.
    #[cached(strategy = "write_behind", key = "views:<more.product_id>", merge = Views::plus, batch = Self::save)]
    pub async fn add(&self, more: Views) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Views]) -> sqlx::Result<()> {
        let rows = db::insert_values(batch.len(), 2);
        let mut upsert = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO views (product_id, views) VALUES {rows}
             ON CONFLICT (product_id) DO UPDATE SET views = views.views + excluded.views"
        )));
        for views in batch {
            upsert = upsert.bind(views.product_id).bind(views.count);
        }
        self.db.count("ViewCounts::add");
        upsert.execute(&mut ***tx).await?;
        Ok(())
    }
}

impl ViewCounts {
    /// Counters over this database and this cache.
    pub const fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }

    async fn read(&self, product_id: i64, function: &'static str) -> sqlx::Result<Option<Views>> {
        sqlx::query_as("SELECT product_id, views FROM views WHERE product_id = $1")
            .bind(product_id)
            .fetch_optional(self.db.counted(function))
            .await
    }
}
