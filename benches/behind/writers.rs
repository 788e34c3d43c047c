//! How writers write at the same time, and what they see.

use crate::{Used, rows::Row};
use cache_benches::quantile;
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub(crate) type Flow<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to write rows.
pub(crate) trait Writes: Send + Sync + 'static {
    /// Returns when the write is acknowledged.
    fn write(&self, row: Row) -> Flow<'_, ()>;

    /// Returns when the database has all that was acknowledged.
    fn drained(self: Arc<Self>) -> Flow<'static, ()>;
}

/// Which rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    /// Each once.
    Distinct,
    /// Each ten times, once in every round over a thousand.
    TenEach,
}

impl Keys {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Distinct => "distinct keys",
            Self::TenEach => "ten writes per key",
        }
    }

    const fn key(self, write: u64) -> u64 {
        match self {
            Self::Distinct => write,
            Self::TenEach => write / 10_000 * 1_000 + write % 1_000,
        }
    }

    /// How many rows so many writes leave.
    pub(crate) const fn rows(self, writes: u64) -> u64 {
        match self {
            Self::Distinct => writes,
            Self::TenEach if writes % 10_000 < 1_000 => writes / 10_000 * 1_000 + writes % 1_000,
            Self::TenEach => (writes / 10_000 + 1) * 1_000,
        }
    }
}

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub(crate) writes: u64,
    /// Acknowledged writes a second, while writers wrote.
    pub(crate) acknowledged: f64,
    /// Writes a second until the database had them all.
    pub(crate) sustained: f64,
    /// Of the acknowledgement, in microseconds.
    pub(crate) p50: f64,
    /// Of the acknowledgement, in microseconds.
    pub(crate) p99: f64,
    pub(crate) used: Used,
}

/// Sixteen writers make so many writes to different keys.
pub(crate) async fn fill(by: Arc<dyn Writes>, writes: u64) {
    let next = Arc::new(AtomicU64::new(0));
    let writers = (0..16).map(|_| {
        let (by, next) = (by.clone(), next.clone());
        tokio::spawn(async move {
            loop {
                let write = next.fetch_add(1, Ordering::Relaxed);
                if write >= writes {
                    return;
                }
                by.write(Row::new(write, write)).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no contender panics");
    }
}

/// So many writers write for so long; if somebody drains, it then waits until the database has everything.
pub(crate) async fn drive(
    by: Arc<dyn Writes>,
    writers: usize,
    keys: Keys,
    span: Duration,
    drains: bool,
) -> Run {
    let next = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let until = begun + span;
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (by, next) = (by.clone(), next.clone());
            tokio::spawn(async move {
                let mut micros = Vec::with_capacity(1 << 12);
                loop {
                    let asked = Instant::now();
                    if asked >= until {
                        return micros;
                    }
                    let write = next.fetch_add(1, Ordering::Relaxed);
                    by.write(Row::new(keys.key(write), write)).await;
                    micros.push(asked.elapsed().as_secs_f64() * 1e6);
                }
            })
        })
        .collect();
    let mut micros = Vec::new();
    for task in tasks {
        micros.extend(task.await.expect("no contender panics"));
    }
    let acknowledged = begun.elapsed();
    if drains {
        by.drained().await;
    }
    let drained = begun.elapsed();
    let writes = micros.len() as f64;
    Run {
        writes: micros.len() as u64,
        acknowledged: writes / acknowledged.as_secs_f64(),
        sustained: writes / drained.as_secs_f64(),
        p50: quantile(&micros, 0.5),
        p99: quantile(&micros, 0.99),
        used: Used::default(),
    }
}
