//! Registers of level `strict`, once with each answer to a fence that fails.

use super::{Committed, load, store};
use crate::{database::Row, words::Level};
use cache_runtime::{Cache, repository};
use sqlx::AnyPool;

#[derive(Clone, Debug)]
pub(super) struct StrictRegisters {
    pub(super) db: AnyPool,
    pub(super) cache: Cache,
}

// The ttl is `admitted::TTL`.
#[repository(cache = self.cache, ttl = 20, level = "strict")]
impl StrictRegisters {
    #[cached(strategy = "read_through", key = "strict:<id>", negative_ttl = 20)]
    pub(super) async fn get(&self, id: u16) -> sqlx::Result<Option<Row>> {
        load(&self.db, Level::Strict, id).await
    }

    // The lag is `super::NEAR`.
    #[cached(strategy = "read_through", key = "strict:<id>", negative_ttl = 20, l1_max_lag = "500ms")]
    pub(super) async fn get_near(&self, id: u16) -> sqlx::Result<Option<Row>> {
        load(&self.db, Level::Strict, id).await
    }

    #[cached(strategy = "write_around", key = "strict:<id>")]
    pub(super) async fn put(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<i64> {
        store(&self.db, Level::Strict, id, token, false, committed).await
    }

    #[cached(strategy = "write_through", key = "strict:<id>")]
    pub(super) async fn leave(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<Row> {
        let version = store(&self.db, Level::Strict, id, token, false, committed).await?;
        Ok(Row { version, token })
    }

    #[invalidates(get(id))]
    pub(super) async fn remove(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<i64> {
        store(&self.db, Level::Strict, id, token, true, committed).await
    }
}

#[derive(Clone, Debug)]
pub(super) struct RejectingRegisters {
    pub(super) db: AnyPool,
    pub(super) cache: Cache,
}

#[repository(cache = self.cache, ttl = 20, level = "strict", on_fence_fail = "reject")]
impl RejectingRegisters {
    #[cached(strategy = "read_through", key = "strict:<id>", negative_ttl = 20)]
    pub(super) async fn get(&self, id: u16) -> sqlx::Result<Option<Row>> {
        load(&self.db, Level::Strict, id).await
    }

    #[cached(strategy = "write_around", key = "strict:<id>")]
    pub(super) async fn put(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<i64> {
        store(&self.db, Level::Strict, id, token, false, committed).await
    }

    #[cached(strategy = "write_through", key = "strict:<id>")]
    pub(super) async fn leave(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<Row> {
        let version = store(&self.db, Level::Strict, id, token, false, committed).await?;
        Ok(Row { version, token })
    }

    #[invalidates(get(id))]
    pub(super) async fn remove(&self, id: u16, token: i64, committed: &Committed) -> sqlx::Result<i64> {
        store(&self.db, Level::Strict, id, token, true, committed).await
    }
}
