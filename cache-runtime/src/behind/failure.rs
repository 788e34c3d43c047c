//! What a failed flush means: wait, or look for the write that is at fault.

use super::options::{Classify, Fault};
use crate::write;
use std::{any::Any, fmt};

/// Why a batch was not written.
#[derive(Clone, Debug)]
pub struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
    /// Its transaction is certainly not committed.
    pub(crate) decided: bool,
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

impl Failure {
    pub(super) fn panicked() -> Self {
        Self { kind: FailureKind::Unknown, message: "it panicked".to_owned(), decided: false }
    }

    pub(crate) fn of<E: fmt::Display + 'static>(error: &E, classify: Option<&Classify>) -> Self {
        let said = classify.and_then(|classify| classify(error));
        let kind = match said {
            Some(Fault::Transient) => FailureKind::Transient,
            Some(Fault::Permanent) => FailureKind::Permanent,
            None => kind(error),
        };
        Self { kind, message: error.to_string(), decided: write::is_over(error) }
    }
}

fn kind(error: &dyn Any) -> FailureKind {
    #[cfg(feature = "sqlx")]
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return match error {
            sqlx::Error::Database(refused) => match refused.kind() {
                sqlx::error::ErrorKind::Other => FailureKind::Unknown,
                _ => FailureKind::Permanent,
            },
            sqlx::Error::Encode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                FailureKind::Permanent
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => FailureKind::Transient,
            _ => FailureKind::Unknown,
        };
    }
    let _ = error;
    FailureKind::Unknown
}
