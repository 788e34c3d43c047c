//! How a database remembers which batches it has: written in the batch's own transaction, read after a crash.

use super::{
    database::{SqlDatabase, SqlValue},
    schema::{self, Tables},
    work::{Plan, Tries, number, one, part, values},
};
use crate::store::Partition;
use sqlx::{AssertSqlSafe, Connection, Pool, SqlSafeStr};
use std::{fmt, io};

/// How many partitions one statement writes.
const TOGETHER: usize = 50;
/// How long the row of a queue in the memory of a process is kept, in seconds: the process may still be there, and have written nothing for long.
const KEPT: u64 = 30 * 24 * 60 * 60;

/// Writes down in a batch's own transaction that it holds these batches: of each partition the epoch of its flusher and the number.
///
/// `false` when a later flusher has announced itself: then the transaction must be rolled back. It holds its rows from here to its end, so it is best called right
/// before the commit. The table must be there; see [`prepare`].
pub async fn advance<DB: SqlDatabase>(
    tx: &mut sqlx::Transaction<'_, DB>,
    namespace: &str,
    lanes: &[(Partition, u64, u64)],
) -> sqlx::Result<bool> {
    let mut lanes = lanes.to_vec();
    let process = process_of(namespace);
    if let (Some(_), [lane]) = (process, &lanes[..])
        && goes_on(tx, namespace, *lane).await?
    {
        return Ok(true);
    }
    // Two transactions that take their rows in one order don't wait for each other.
    lanes.sort_unstable();
    for some in lanes.chunks(TOGETHER) {
        let row = |n: usize| format!("($1, ${}, ${}, ${})", 3 * n + 2, 3 * n + 3, 3 * n + 4);
        let given = (0..some.len()).map(row).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "INSERT INTO cache_progress (namespace, part, epoch, batch) VALUES {given} \
             ON CONFLICT (namespace, part) DO UPDATE SET epoch = excluded.epoch, batch = excluded.batch \
             WHERE cache_progress.epoch <= excluded.epoch RETURNING part"
        );
        let mut values = values![namespace];
        for (partition, epoch, number) in some {
            values.extend([part(*partition), *epoch, *number].map(SqlValue::from));
        }
        let written = DB::rows(tx, AssertSqlSafe(sql).into_sql_str(), values).await?;
        if written.len() < some.len() {
            return Ok(false);
        }
    }
    if let (Some(prefix), Some((_, epoch, _))) = (process, lanes.first()) {
        forget(tx, prefix, epoch.saturating_sub(KEPT)).await;
    }
    Ok(true)
}

/// What the names of rows begin with that belong to queues in the memory of a process: `<namespace> <token>`, each with a token of its own.
fn process_of(name: &str) -> Option<&str> {
    let (prefix, token) = name.split_at_checked(name.len().checked_sub(32)?)?;
    (prefix.ends_with(' ') && token.bytes().all(|digit| digit.is_ascii_hexdigit())).then_some(prefix)
}

/// The same as [`advance`] where the row is there; `false` if it isn't, or a later flusher was here.
async fn goes_on<DB: SqlDatabase>(
    tx: &mut sqlx::Transaction<'_, DB>,
    name: &str,
    (partition, epoch, number): (Partition, u64, u64),
) -> sqlx::Result<bool> {
    let sql = "UPDATE cache_progress SET epoch = $3, batch = $4 WHERE namespace = $1 AND part = $2 AND epoch <= $3 \
               RETURNING part";
    let values = values![name, part(partition), epoch, number];
    DB::rows(tx, sql.into_sql_str(), values).await.map(|rows| !rows.is_empty())
}

/// A process has written its first batch here: removes the rows of processes that have been gone for long. That it fails is nobody's concern, least of all the batch's.
async fn forget<DB: SqlDatabase>(tx: &mut sqlx::Transaction<'_, DB>, prefix: &str, before: u64) {
    let sql = "DELETE FROM cache_progress WHERE SUBSTR(namespace, 1, LENGTH(CAST($1 AS TEXT))) = CAST($1 AS TEXT) \
               AND LENGTH(namespace) = LENGTH(CAST($1 AS TEXT)) + 32 AND epoch < $2 RETURNING part";
    let forgotten = async {
        let mut aside = tx.begin().await?;
        DB::rows(&mut aside, sql.into_sql_str(), values![prefix, before]).await?;
        aside.commit().await
    };
    if let Err(error) = forgotten.await {
        tracing::debug!(%error, "the progress of processes that are gone is kept");
    }
}

/// Shuts out earlier flushers of a partition, and answers the number of the last batch that was committed.
///
/// A transaction of an earlier flusher that has written its progress is waited for, so its outcome is known afterwards; one that hasn't yet will be refused.
///
/// # Errors
///
/// The database's, and one that [`is_fenced`] knows when a later flusher was here.
pub async fn last_batch<DB: SqlDatabase>(
    pool: &Pool<DB>,
    namespace: &str,
    partition: Partition,
    epoch: u64,
) -> sqlx::Result<Option<u64>> {
    let sql = "INSERT INTO cache_progress (namespace, part, epoch, batch) VALUES ($1, $2, $3, 0) \
               ON CONFLICT (namespace, part) DO UPDATE SET epoch = excluded.epoch \
               WHERE cache_progress.epoch <= excluded.epoch RETURNING batch";
    let mut tries = Tries::new(pool, Tables::Progress);
    let rows = loop {
        match one(pool, Plan::Kept, |_| sql.to_owned(), values![namespace, part(partition), epoch]).await {
            Ok(rows) => break rows,
            Err(error) => tries.again(error).await?,
        }
    };
    // It is as if the database were out of reach: whoever is fenced has lost its claim, and will find out.
    let row = rows.first().ok_or_else(|| sqlx::Error::Io(io::Error::other(Fenced)))?;
    Ok(Some(number(DB::int(row, 0)?)).filter(|batch| *batch > 0))
}

/// Makes the table of progress if it is missing; asked for when [`advance`] failed with an error that [`is_missing`] knows.
pub async fn prepare<DB: SqlDatabase>(pool: &Pool<DB>) -> sqlx::Result<()> {
    let mut tries = Tries::new(pool, Tables::Progress);
    loop {
        match one(pool, Plan::Kept, |_| "SELECT part FROM cache_progress LIMIT 1".to_owned(), Vec::new())
            .await
        {
            Ok(_) => return Ok(()),
            Err(error) => tries.again(error).await?,
        }
    }
}

/// Whether [`advance`] failed because the table isn't there: [`prepare`] helps.
pub fn is_missing(error: &sqlx::Error) -> bool {
    schema::is_missing(error)
}

/// Whether [`last_batch`] failed because a later flusher was here.
pub fn is_fenced(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.get_ref().is_some_and(|error| error.downcast_ref::<Fenced>().is_some()))
}

#[derive(Debug)]
struct Fenced;

impl fmt::Display for Fenced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a later flusher of the partition has taken over")
    }
}

impl std::error::Error for Fenced {}
