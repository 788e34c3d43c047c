//! Whether a failed statement may still commit.

use std::any::Any;

/// Whether an error says that the statement won't commit later: the database answered, or it was never asked.
pub(crate) fn is_over<E: 'static>(error: &E) -> bool {
    let error: &dyn Any = error;
    #[cfg(feature = "sqlx")]
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        // A pooler between here and the database says that it has lost the connection, or the database that it doesn't know.
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        // SQLite's disk fails (SQLITE_IOERR, 10, extended in the higher bits): what it has of a commit is found out when the file is opened next.
        let disk = |code: &str| code.len() < 5 && code.parse().is_ok_and(|code: u32| code & 0xff == 10);
        if code.is_some_and(|code| code.starts_with("08") || code == "40003" || disk(&code)) {
            return false;
        }
        return !matches!(
            error,
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed
        );
    }
    let _ = error;
    false
}
