//! Which repositories there are, and what they share.

mod audit;
mod products;
mod reviews;
mod sessions;
mod views;

use std::time::{SystemTime, UNIX_EPOCH};

pub use audit::Audit;
pub use products::Products;
pub use reviews::Reviews;
pub use sessions::Sessions;
pub use views::ViewCounts;

use cache_runtime::Cache;

use crate::db::Db;

/// One of each, over one database and one cache. Cloning is cheap: pool and cache are handles.
#[derive(Clone, Debug)]
pub struct Repositories {
    /// What is for sale.
    pub products: Products,
    /// What customers say.
    pub reviews: Reviews,
    /// What visitors looked at.
    pub sessions: Sessions,
    /// How often each product was looked at.
    pub views: ViewCounts,
    /// What was changed.
    pub audit: Audit,
}

impl Repositories {
    /// Hands the database and the cache to each.
    pub fn new(db: &Db, cache: &Cache) -> Self {
        Self {
            products: Products::new(db.clone(), cache.clone()),
            reviews: Reviews::new(db.clone(), cache.clone()),
            sessions: Sessions::new(db.clone(), cache.clone()),
            views: ViewCounts::new(db.clone(), cache.clone()),
            audit: Audit::new(db.clone(), cache.clone()),
        }
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
