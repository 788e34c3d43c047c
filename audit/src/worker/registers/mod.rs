//! The repositories under audit, one per level, behind one face.
//!
//! Bodies sometimes linger between their statement and their return, as bodies do that make something of their rows: that is when
//! others come in between, and when a process that is killed leaves the most behind.

mod lease;
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
use strict::{RejectingRegisters, StrictRegisters};

/// All repositories of a worker.
#[derive(Clone, Debug)]
pub(crate) struct Registers {
    lease: LeaseRegisters,
    strict: StrictRegisters,
    rejecting: RejectingRegisters,
    fence: Fence,
}

/// How far the memory of a process may lag behind at level strict; see the attribute of `get_near`.
pub(crate) const NEAR: Duration = Duration::from_millis(500);

/// When a body had done its write, in nanoseconds.
pub(crate) type Committed = AtomicU64;

impl Registers {
    pub(crate) fn new(db: &AnyPool, cache: &Cache, fence: Fence) -> Self {
        Self {
            lease: LeaseRegisters { db: db.clone(), cache: cache.clone() },
            strict: StrictRegisters { db: db.clone(), cache: cache.clone() },
            rejecting: RejectingRegisters { db: db.clone(), cache: cache.clone() },
            fence,
        }
    }

    /// Reads the row. With `near` the process's memory may answer, also at level strict, whose readers have to ask for it.
    pub(crate) async fn get(&self, level: Level, id: u16, near: bool) -> sqlx::Result<Option<Row>> {
        match level {
            Level::Lease => self.lease.get(id).await,
            Level::Strict if near => self.strict.get_near(id).await,
            Level::Strict => self.strict.get(id).await,
        }
    }

    /// Writes or removes the row, and returns its new version. Of the strict writes half leave their value, where they may.
    pub(crate) async fn change(
        &self,
        level: Level,
        kind: Kind,
        id: u16,
        token: i64,
        committed: &Committed,
    ) -> sqlx::Result<i64> {
        let leaves = token % 2 == 0;
        match (level, kind, self.fence) {
            (Level::Lease, Kind::Put, _) => self.lease.put(id, token, committed).await,
            (Level::Lease, Kind::Remove, _) => self.lease.remove(id, token, committed).await,
            (Level::Strict, Kind::Put, Fence::Proceed) if leaves => {
                self.strict.leave(id, token, committed).await.map(|row| row.version)
            }
            (Level::Strict, Kind::Put, Fence::Proceed) => self.strict.put(id, token, committed).await,
            (Level::Strict, Kind::Remove, Fence::Proceed) => self.strict.remove(id, token, committed).await,
            (Level::Strict, Kind::Put, Fence::Reject) if leaves => {
                self.rejecting.leave(id, token, committed).await.map(|row| row.version)
            }
            (Level::Strict, Kind::Put, Fence::Reject) => self.rejecting.put(id, token, committed).await,
            (Level::Strict, Kind::Remove, Fence::Reject) => self.rejecting.remove(id, token, committed).await,
        }
    }
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
