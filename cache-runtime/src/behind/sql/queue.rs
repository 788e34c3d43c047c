//! A queue of acknowledged writes in a database.

use super::{
    claims,
    database::{SqlDatabase, SqlDialect},
    enqueue,
    gather::Gathering,
    letters, settle,
    turns::{Turn, Turns},
    work::within,
};
use crate::store::{
    Claim, Dead, Depth, EntryKey, NewWrite, Partition, Pending, Put, QueuedWrite, Replayed, Settled,
    StoreFuture, Taken, Token, Waiting, WriteQueue,
};
use sqlx::Pool;
use std::{
    fmt,
    sync::{Arc, OnceLock, atomic::AtomicU64},
    time::Duration,
};

/// A queue of acknowledged writes in tables of SQLite or PostgreSQL; see [`schema_sql`](crate::schema_sql).
///
/// Every operation is one transaction, which locks its partition's row of `cache_lines` first; in SQLite it locks the database. Writes that are enqueued
/// while others are being committed go into the next transaction together. What is acknowledged is as safe as the database's commits. Time is the database's.
pub struct SqlQueue<DB: SqlDatabase> {
    base: Arc<Base<DB>>,
    gathering: Gathering<DB>,
}

/// Which queue it is, and what its operations share.
pub(super) struct Base<DB: SqlDatabase> {
    pub(super) pool: Pool<DB>,
    pub(super) namespace: Arc<str>,
    pub(super) dialect: OnceLock<SqlDialect>,
    /// Who writes next, where only one can.
    pub(super) turns: Turns,
    /// When tokens were forgotten last, in microseconds.
    pub(super) swept: AtomicU64,
}

impl<DB: SqlDatabase> Base<DB> {
    /// Waits for the right to write, where only one can.
    pub(super) async fn turn(&self) -> Option<Turn<'_>> {
        match self.dialect.get()? {
            SqlDialect::Sqlite => Some(self.turns.next().await),
            SqlDialect::Postgres => None,
        }
    }
}

impl<DB: SqlDatabase> SqlQueue<DB> {
    /// The queue of this namespace in the pool's database. Nothing happens before its first use.
    pub fn new(pool: Pool<DB>, namespace: &str) -> Self {
        let base = Arc::new(Base {
            pool,
            namespace: namespace.into(),
            dialect: OnceLock::new(),
            turns: Turns::default(),
            swept: AtomicU64::new(0),
        });
        Self { gathering: Gathering::new(base.clone()), base }
    }

    /// In how many transactions this handle has accepted writes.
    #[doc(hidden)]
    pub fn commits(&self) -> u64 {
        self.gathering.commits()
    }
}

impl<DB: SqlDatabase> WriteQueue for SqlQueue<DB> {
    fn enqueue<'a>(&'a self, write: &'a NewWrite) -> StoreFuture<'a, Put> {
        Box::pin(self.gathering.enqueue(write))
    }

    fn look<'a>(&'a self, key: &'a EntryKey) -> StoreFuture<'a, Option<Pending>> {
        Box::pin(enqueue::look(&self.base, key))
    }

    fn claim<'a>(
        &'a self,
        holder: Token,
        lease: Duration,
        except: &'a [Partition],
    ) -> StoreFuture<'a, Vec<Claim>> {
        Box::pin(claims::claim(&self.base, holder, lease, except))
    }

    fn yield_claims(&self, holder: Token) -> StoreFuture<'_, ()> {
        Box::pin(claims::yield_claims(&self.base, holder))
    }

    fn peek(&self, partition: Partition, after: u64, most: usize) -> StoreFuture<'_, Vec<Waiting>> {
        Box::pin(claims::peek(&self.base, partition, after, most))
    }

    fn fetch<'a>(&'a self, partition: Partition, ids: &'a [u64]) -> StoreFuture<'a, Vec<QueuedWrite>> {
        Box::pin(claims::fetch(&self.base, partition, ids))
    }

    fn take<'a>(&'a self, claim: &'a Claim, ids: &'a [u64]) -> StoreFuture<'a, Option<Taken>> {
        Box::pin(within(&self.base, "take", move |work| Box::pin(claims::take(work, claim, ids))))
    }

    fn settle<'a>(
        &'a self,
        claim: &'a Claim,
        number: Option<u64>,
        settled: &'a [Settled],
    ) -> StoreFuture<'a, bool> {
        Box::pin(within(&self.base, "settle", move |work| {
            Box::pin(settle::settle(work, claim, number, settled))
        }))
    }

    fn overtake<'a>(&'a self, key: &'a EntryKey, version: u64) -> StoreFuture<'a, Vec<QueuedWrite>> {
        Box::pin(within(&self.base, "overtake", move |work| Box::pin(letters::overtake(work, key, version))))
    }

    fn depths(&self) -> StoreFuture<'_, Vec<Depth>> {
        Box::pin(claims::depths(&self.base))
    }

    fn dead(&self) -> StoreFuture<'_, Vec<Dead>> {
        Box::pin(letters::dead(&self.base))
    }

    fn replay(&self, partition: Partition, id: u64) -> StoreFuture<'_, Replayed> {
        Box::pin(within(&self.base, "replay", move |work| Box::pin(letters::replay(work, partition, id))))
    }

    fn discard(&self, partition: Partition, id: u64) -> StoreFuture<'_, bool> {
        Box::pin(within(&self.base, "discard", move |work| Box::pin(letters::discard(work, partition, id))))
    }
}

impl<DB: SqlDatabase> fmt::Debug for SqlQueue<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlQueue")
            .field("database", &DB::NAME)
            .field("namespace", &self.base.namespace)
            .finish_non_exhaustive()
    }
}
