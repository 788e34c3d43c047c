//! A database transaction that the cache knows of.

use crate::{
    Cache,
    joined::{Joined, Transaction},
};
use sqlx::Database;
use std::{
    fmt,
    ops::{Deref, DerefMut},
};

/// A database transaction; derefs to the sqlx transaction. Dropping it rolls back.
///
/// Batch functions of write-behind get one: they write through it, and the cache commits it when they return `Ok`.
///
/// ```
/// # #[cfg(any())]
/// async fn save_sessions(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Session]) -> sqlx::Result<()> {
///     for session in batch {
///         sqlx::query("INSERT ..").bind(session.id).execute(&mut ***tx).await?;
///     }
///     Ok(())
/// }
/// ```
pub struct CacheTx<'t, DB: Database>(sqlx::Transaction<'t, DB>);

impl Cache {
    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn begin<DB: Database>(&self, pool: &sqlx::Pool<DB>) -> sqlx::Result<CacheTx<'static, DB>> {
        pool.begin().await.map(CacheTx)
    }
}

impl<DB: Database> CacheTx<'_, DB> {
    /// Commits.
    ///
    /// # Errors
    ///
    /// The database's; the transaction may have been committed all the same when the connection broke.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.0.commit().await
    }

    /// Rolls back, and waits for it.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.0.rollback().await
    }
}

impl<DB: Database> Transaction for CacheTx<'_, DB> {
    fn joined(&self) -> Option<Joined> {
        Some(Joined::new())
    }
}

impl<'t, DB: Database> Deref for CacheTx<'t, DB> {
    type Target = sqlx::Transaction<'t, DB>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<DB: Database> DerefMut for CacheTx<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<DB: Database> fmt::Debug for CacheTx<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CacheTx")
    }
}

/// Begins the transaction of a batch.
pub async fn begin<DB: Database>(cache: &Cache, pool: &sqlx::Pool<DB>) -> sqlx::Result<CacheTx<'static, DB>> {
    cache.begin(pool).await
}

/// Commits the transaction of a batch that went well.
pub async fn finish<DB: Database, E: From<sqlx::Error>>(
    tx: CacheTx<'static, DB>,
    done: Result<(), E>,
) -> Result<(), E> {
    done?;
    tx.commit().await.map_err(E::from)
}
