//! The repositories under audit, one per level, behind one face.
//!
//! Bodies sometimes linger between their statement and their return, as bodies do that make something of their rows: that is when
//! others come in between, and when a process that is killed leaves the most behind.

mod lease;
// ---- Level strict: remove this `cfg` once the macros know `level` and `on_fence_fail`, and see `IS_THERE` below. ----
#[cfg(any())]
mod strict;

use crate::{
    clock::now,
    database::{self, Row},
    event::Kind,
    words::{Fence, Level},
};
use cache_runtime::Cache;
use lease::LeaseRegisters;
use sqlx::AnyPool;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Whether this version has level `strict`.
pub(crate) const STRICT_IS_THERE: bool = false;

/// All repositories of a worker.
#[derive(Clone, Debug)]
pub(crate) struct Registers {
    lease: LeaseRegisters,
}

/// When a body had done its write, in nanoseconds.
pub(crate) type Committed = AtomicU64;

impl Registers {
    pub(crate) fn new(db: &AnyPool, cache: &Cache, fence: Fence) -> Self {
        // Level `lease` knows no fence to fail.
        let _ = fence;
        Self { lease: LeaseRegisters { db: db.clone(), cache: cache.clone() } }
    }

    pub(crate) async fn get(&self, level: Level, id: u16) -> sqlx::Result<Option<Row>> {
        match level {
            Level::Lease => self.lease.get(id).await,
            Level::Strict => Err(not_there()),
        }
    }

    /// Writes or removes the row, and returns its new version.
    pub(crate) async fn change(
        &self,
        level: Level,
        kind: Kind,
        id: u16,
        token: i64,
        committed: &Committed,
    ) -> sqlx::Result<i64> {
        match (level, kind) {
            (Level::Lease, Kind::Put) => self.lease.put(id, token, committed).await,
            (Level::Lease, Kind::Remove) => self.lease.remove(id, token, committed).await,
            (Level::Strict, _) => Err(not_there()),
        }
    }
}

fn not_there() -> sqlx::Error {
    sqlx::Error::Configuration("this version has no level `strict`".into())
}

/// The body of every reader.
async fn load(db: &AnyPool, level: Level, id: u16) -> sqlx::Result<Option<Row>> {
    let row = database::load(db, level, id).await?;
    linger(1).await;
    Ok(row)
}

/// The body of every writer.
async fn store(
    db: &AnyPool,
    level: Level,
    id: u16,
    token: i64,
    gone: bool,
    committed: &Committed,
) -> sqlx::Result<i64> {
    let version = database::store(db, level, id, token, gone).await?;
    committed.store(now(), Ordering::Relaxed);
    linger(4).await;
    Ok(version)
}

/// Mostly not at all, often for moments, and `long` times of 32 for long.
async fn linger(long: u8) {
    let micros = match fastrand::u8(..32) {
        n if n < long => fastrand::u64(0..100_000),
        0..12 => fastrand::u64(0..4_000),
        _ => return,
    };
    tokio::time::sleep(Duration::from_micros(micros)).await;
}
