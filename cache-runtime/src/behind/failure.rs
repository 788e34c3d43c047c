//! What a failed flush means: wait, or look for the write that is at fault.

use super::options::{Classify, Fault};
use crate::write;
use std::{any::Any, fmt, time::Duration};

/// Why a batch was not written.
#[derive(Clone, Debug)]
pub struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
    /// What it says of the transaction.
    pub(crate) says: Says,
}

/// What an error says of the transaction in which it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// It is certainly not committed.
    Over,
    /// The connection broke: it may be.
    Maybe,
    /// Nothing, as a panic or an error type of the application's own: it may be if the commit had been asked for.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The database was out of reach or busy: everything is tried again.
    Transient,
    /// The database refused what was written: some write of the batch is at fault.
    Permanent,
    /// An error type that doesn't tell: at fault is what fails while others pass.
    Unknown,
}

impl FailureKind {
    /// The kind as a word for logs.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Permanent => "permanent",
            Self::Unknown => "unknown",
        }
    }
}

impl Failure {
    pub(super) fn panicked() -> Self {
        Self { kind: FailureKind::Unknown, message: "it panicked".to_owned(), says: Says::Nothing }
    }

    /// There was no answer in time. What it says of the transaction is whether the commit was asked for.
    pub(super) fn timed_out(limit: Duration) -> Self {
        let message = format!("it has not ended within {limit:?}, its `flush_timeout`");
        Self { kind: FailureKind::Transient, message, says: Says::Nothing }
    }

    pub(crate) fn of<E: fmt::Display + 'static>(error: &E, classify: Option<&Classify>) -> Self {
        let said = classify.and_then(|classify| classify(error));
        let kind = match said {
            Some(Fault::Transient) => FailureKind::Transient,
            Some(Fault::Permanent) => FailureKind::Permanent,
            None => kind(error),
        };
        Self { kind, message: error.to_string(), says: Says::of(error) }
    }
}

impl Says {
    fn of<E: 'static>(error: &E) -> Self {
        #[cfg(feature = "sqlx")]
        if !(error as &dyn Any).is::<sqlx::Error>() {
            return Self::Nothing;
        }
        if write::is_over(error) { Self::Over } else { Self::Maybe }
    }
}

fn kind(error: &dyn Any) -> FailureKind {
    #[cfg(feature = "sqlx")]
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        let fault = match error {
            sqlx::Error::Database(refused) => database_fault(&**refused),
            sqlx::Error::Encode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                Some(Fault::Permanent)
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Fault::Transient),
            _ => None,
        };
        return match fault {
            Some(Fault::Transient) => FailureKind::Transient,
            Some(Fault::Permanent) => FailureKind::Permanent,
            None => FailureKind::Unknown,
        };
    }
    let _ = error;
    FailureKind::Unknown
}

/// Whose fault it is that a database has answered with an error: it or its surroundings can't now, or the write never can. `None` where both may be.
#[cfg(feature = "sqlx")]
pub(crate) fn database_fault(error: &dyn sqlx::error::DatabaseError) -> Option<Fault> {
    let code = error.code();
    let fault = match code.as_deref() {
        // SQLSTATEs have five characters, SQLite's numbers fewer.
        Some(code) if code.len() == 5 => state_fault(code),
        Some(code) => code.parse().ok().and_then(sqlite_fault),
        None => None,
    };
    let constraint = !matches!(error.kind(), sqlx::error::ErrorKind::Other);
    fault.or_else(|| constraint.then_some(Fault::Permanent))
}

/// The same for the SQLSTATEs of PostgreSQL.
#[cfg(feature = "sqlx")]
fn state_fault(code: &str) -> Option<Fault> {
    let (class, _) = code.split_at_checked(2)?;
    match code {
        // An integrity constraint, found out at the end of the transaction.
        "40002" => return Some(Fault::Permanent),
        // Took too long, or was cancelled: a batch that is too long for `statement_timeout` passes in halves; repeated whole it never would.
        "57014" | "25P04" => return None,
        // Another holds the lock longer than `lock_timeout`; it will let go.
        "55P03"
        // The session stood still for too long in its transaction, as a process that was stopped.
        | "25P03"
        // A standby, or a primary that is just being replaced: the next one writes.
        | "25006" => return Some(Fault::Transient),
        _ => {}
    }
    match class {
        // The connection is lost, says a pooler or a foreign server.
        "08"
        // Serialization failures and deadlocks: nothing is wrong with the writes, only with the moment.
        | "40"
        // The disk, the memory or the connections have run out, which somebody mends.
        | "53"
        // The server is stopped, has crashed or is starting; its database was dropped for another, or the session ended for idling.
        | "57"
        // The server's own disk or files fail.
        | "58"
        // It doesn't let this user in, or doesn't have the database: so it is with every write.
        | "28" | "3D" => Some(Fault::Transient),
        // The value, a constraint, the condition of a view, or a limit of the database: it will be the same next time.
        "22" | "23" | "44" | "54" => Some(Fault::Permanent),
        // Missing tables and rights, errors of triggers (row-level security and `RAISE` among them), internal ones: of one write, or of all.
        _ => None,
    }
}

/// The same for SQLite's result codes, extended or not.
#[cfg(feature = "sqlx")]
fn sqlite_fault(code: u32) -> Option<Fault> {
    match code & 0xff {
        // BUSY and LOCKED: another connection writes, and will have written.
        5 | 6
        // NOMEM, IOERR, FULL, CANTOPEN: memory, the disk or the folder fail, which somebody mends.
        | 7 | 10 | 13 | 14
        // READONLY: the file or its disk is mounted so, as it was not when the writes were made.
        | 8
        // PROTOCOL and SCHEMA: others were quicker with the log or the tables; the next try sees what they did.
        | 15 | 17 => Some(Fault::Transient),
        // TOOBIG, CONSTRAINT, MISMATCH: the value will be the same next time. Of a trigger's `RAISE` nobody knows; see below.
        18 | 20 => Some(Fault::Permanent),
        19 if code != CONSTRAINT_TRIGGER => Some(Fault::Permanent),
        // INTERRUPT, as a statement that takes too long; CORRUPT and NOTADB, which may hit some pages and not others; triggers, rights, internal ones.
        _ => None,
    }
}

/// A trigger said no: of one write, or of all.
#[cfg(feature = "sqlx")]
const CONSTRAINT_TRIGGER: u32 = 1811;

#[cfg(all(test, feature = "sqlx"))]
mod tests;
