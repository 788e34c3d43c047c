//! What an error of the Redis client means for the cache.

use crate::store::{StoreError, StoreErrorKind};
use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};

pub(super) fn store_error(operation: &'static str, error: RedisError) -> StoreError {
    StoreError::new(kind(&error), operation).because(error)
}

/// An answer of another shape than the command has.
pub(super) fn nonsense(operation: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Protocol, operation).because("the answer has an unexpected shape")
}

pub(super) fn kind(error: &RedisError) -> StoreErrorKind {
    match error.kind() {
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => StoreErrorKind::Protocol,
        ErrorKind::Server(
            ServerErrorKind::BusyLoading
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::Moved
            | ServerErrorKind::Ask,
        ) => StoreErrorKind::Unavailable,
        ErrorKind::Extension if error.code() == Some("BUSY") => StoreErrorKind::Unavailable,
        ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::AuthenticationFailed => {
            StoreErrorKind::Refused
        }
        // Whatever else goes wrong on this side of the wire leaves the outcome unknown.
        _ => StoreErrorKind::Connection,
    }
}

pub(super) fn is_missing_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

pub(super) fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM")
}

pub(super) fn is_of_replica(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// What the answer to `ROLE` means: a replica would serve what was invalidated elsewhere.
pub(super) fn no_replica(role: &Value) -> RedisResult<()> {
    match role {
        Value::Array(role) if matches!(role.first(), Some(Value::BulkString(role)) if role == b"slave") => {
            Err(RedisError::from((ServerErrorKind::ReadOnly.into(), "the server is a replica")))
        }
        _ => Ok(()),
    }
}
