//! The tables of queues and of progress: what they are, and how they come to be.

use super::database::{SqlDatabase, SqlDialect};
use sqlx::{Connection, Pool};

/// Makes the tables of write-behind: those of a queue in the database, and `cache_progress`, in which batches that are transactions write down how far they came.
///
/// They are made at their first use if they are missing, so this is for those who keep all of their schema in migrations, or
/// whose application may not create tables. Every statement says `IF NOT EXISTS`.
///
/// ```
/// use cache_runtime::{SqlDialect, schema_sql};
///
/// assert!(schema_sql(SqlDialect::Sqlite).contains("CREATE TABLE IF NOT EXISTS cache_progress"));
/// ```
///
/// # What SQLite keeps
///
/// An acknowledged write is a committed transaction. In rollback mode, and in WAL mode with `synchronous = FULL`, it survives a power cut; in WAL mode with
/// `synchronous = NORMAL` it survives `kill -9`, while a power cut may take the last transactions. The pool's options decide. Neither this nor PostgreSQL's
/// `synchronous_commit` and `fsync` is changed or verified.
pub fn schema_sql(dialect: SqlDialect) -> &'static str {
    match dialect {
        SqlDialect::Sqlite => {
            concat!(include_str!("schema/sqlite.sql"), "\n", include_str!("schema/progress.sql"))
        }
        SqlDialect::Postgres => {
            concat!(include_str!("schema/postgres.sql"), "\n", include_str!("schema/progress.sql"))
        }
    }
}

/// Which tables are made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tables {
    /// Those of a queue.
    Queue,
    /// That of progress.
    Progress,
}

/// Two that make a table at once fail in PostgreSQL, `IF NOT EXISTS` or not; so one waits for the other.
macro_rules! one_by_one {
    ($file:literal) => {
        concat!(
            "DO $$ BEGIN PERFORM pg_advisory_xact_lock(7165064744911532403); END $$;\n",
            include_str!($file)
        )
    };
}

fn script(dialect: SqlDialect, tables: Tables) -> &'static str {
    match (dialect, tables) {
        (SqlDialect::Sqlite, Tables::Queue) => include_str!("schema/sqlite.sql"),
        (SqlDialect::Sqlite, Tables::Progress) => include_str!("schema/progress.sql"),
        (SqlDialect::Postgres, Tables::Queue) => one_by_one!("schema/postgres.sql"),
        (SqlDialect::Postgres, Tables::Progress) => one_by_one!("schema/progress.sql"),
    }
}

/// Makes what is missing.
pub(super) async fn create<DB: SqlDatabase>(pool: &Pool<DB>, tables: Tables) -> sqlx::Result<()> {
    let mut connection = pool.acquire().await?;
    let script = script(known::<DB>(&connection)?, tables);
    let mut tx = connection.begin().await?;
    DB::script(&mut tx, script).await?;
    tx.commit().await
}

/// Whose SQL the connection speaks.
pub(super) fn known<DB: SqlDatabase>(connection: &DB::Connection) -> sqlx::Result<SqlDialect> {
    DB::dialect(connection).ok_or_else(|| {
        sqlx::Error::Configuration("write-behind knows the SQL of SQLite and PostgreSQL only".into())
    })
}

/// Whether a table isn't there.
pub(super) fn is_missing(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        error.code().is_some_and(|code| code == "42P01") || error.message().starts_with("no such table: ")
    })
}
