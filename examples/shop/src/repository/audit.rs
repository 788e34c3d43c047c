//! What was done to which product.

use std::sync::Arc;

use cache_runtime::{Cache, repository};

use crate::{db::Db, model::AuditEntry};

/// How many entries a list shows.
const LATEST: i64 = 100;

/// The audit log.
#[derive(Clone, Debug)]
pub struct Audit {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m", strict)]
impl Audit {
    /// The latest entries of one product, newest first.
    #[cached(strategy = "read_through", key = "history:<product_id>")]
    pub async fn history(&self, product_id: i64) -> sqlx::Result<Arc<Vec<AuditEntry>>> {
        sqlx::query_as(
            "SELECT product_id, at, action, before_cents, after_cents FROM audit WHERE product_id = $1 ORDER BY id DESC LIMIT $2",
        )
        .bind(product_id)
        .bind(LATEST)
        .fetch_all(self.db.counted("Audit::history"))
        .await
        .map(Arc::new)
    }

    /// The latest entries of all products, newest first.
    #[cached(strategy = "read_through", key = "audit")]
    pub async fn recent(&self) -> sqlx::Result<Arc<Vec<AuditEntry>>> {
        sqlx::query_as(
            "SELECT product_id, at, action, before_cents, after_cents FROM audit ORDER BY id DESC LIMIT $1",
        )
        .bind(LATEST)
        .fetch_all(self.db.counted("Audit::recent"))
        .await
        .map(Arc::new)
    }

    /// Adds an entry. Logs are written often and read seldom: the write goes around the cache.
    #[cached(strategy = "write_around", key = "history:<entry.product_id>", invalidates(recent()))]
    pub async fn record(&self, entry: &AuditEntry) -> sqlx::Result<()> {
        sqlx::query("INSERT INTO audit (product_id, at, action, before_cents, after_cents) VALUES ($1, $2, $3, $4, $5)")
            .bind(entry.product_id)
            .bind(entry.at)
            .bind(entry.action.as_str())
            .bind(entry.before.map(crate::model::Money::cents))
            .bind(entry.after.cents())
            .execute(self.db.counted("Audit::record"))
            .await?;
        Ok(())
    }
}

impl Audit {
    /// The audit log in this database, over this cache.
    pub const fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }
}
