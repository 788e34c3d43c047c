//! Registers of level `lease`.

use super::{Committed, load, store};
use crate::{database::Row, words::Level};
use cache_runtime::{Cache, repository};
use sqlx::AnyPool;

#[derive(Clone, Debug)]
pub(super) struct LeaseRegisters {
    pub(super) db: AnyPool,
    pub(super) cache: Cache,
}

// The ttl is `admitted::TTL`.
#[repository(cache = self.cache, ttl = 20)]
impl LeaseRegisters {
    #[cached(strategy = "read_through", key = "lease:<id>", negative_ttl = 20)]
    pub(super) async fn get(&self, id: u16) -> sqlx::Result<Option<Row>> {
        load(&self.db, Level::Lease, id).await
    }

    #[cached(strategy = "write_around", key = "lease:<id>")]
    pub(super) async fn put(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<i64> {
        store(&self.db, Level::Lease, id, token, false, committed).await
    }

    #[invalidates(get(id))]
    pub(super) async fn remove(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<i64> {
        store(&self.db, Level::Lease, id, token, true, committed).await
    }
}
