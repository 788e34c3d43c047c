//! What the harness tells a worker at its start.

use crate::words::QueueKind;
use std::time::Duration;

/// The first argument of a worker.
pub(crate) const WORKER: &str = "worker";

/// What a worker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// It writes and flushes.
    Serve,
    /// It writes, and leaves the flushing to others.
    Hold,
    /// It flushes until nothing is left, and ends.
    Drain,
}

/// What a worker is told.
#[derive(Clone, Debug)]
pub(crate) struct Orders {
    pub(crate) process: i64,
    pub(crate) mode: Mode,
    pub(crate) queue: QueueKind,
    pub(crate) database: String,
    /// The way to the same database that the queue takes.
    pub(crate) queue_database: String,
    pub(crate) redis: String,
    pub(crate) lease: Duration,
}

impl Orders {
    pub(crate) fn to_args(&self) -> Vec<String> {
        let mode = match self.mode {
            Mode::Serve => "serve",
            Mode::Hold => "hold",
            Mode::Drain => "drain",
        };
        vec![
            WORKER.to_owned(),
            self.process.to_string(),
            mode.to_owned(),
            self.queue.word().to_owned(),
            self.database.clone(),
            self.queue_database.clone(),
            self.redis.clone(),
            self.lease.as_millis().to_string(),
        ]
    }

    /// The arguments after [`WORKER`].
    pub(crate) fn from_args(args: &[String]) -> Option<Self> {
        let [process, mode, queue, database, queue_database, redis, lease] = args else { return None };
        let mode = match mode.as_str() {
            "serve" => Mode::Serve,
            "hold" => Mode::Hold,
            "drain" => Mode::Drain,
            _ => return None,
        };
        Some(Self {
            process: process.parse().ok()?,
            mode,
            queue: QueueKind::named(queue)?,
            database: database.clone(),
            queue_database: queue_database.clone(),
            redis: redis.clone(),
            lease: Duration::from_millis(lease.parse().ok()?),
        })
    }
}
