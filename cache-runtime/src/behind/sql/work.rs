//! How an operation of the queue becomes a transaction, and what is done when the database is busy.

use super::{
    database::{SqlDatabase, SqlDialect, SqlValue},
    queue::Base,
    schema::{self, Tables},
    turns::Turn,
};
use crate::{
    behind::{Fault, failure::database_fault},
    jitter::shortened,
    store::{Partition, StoreError, StoreErrorKind},
    write,
};
use futures_util::future::BoxFuture;
use sqlx::{AssertSqlSafe, Pool, SqlSafeStr, Transaction};
use std::time::{Duration, Instant};

/// How long a database that is busy is asked again.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(crate::behind::sql::database::SqlValue::from($value)),*] };
}
pub(super) use values;

/// A transaction of a queue.
pub(super) struct Work<'q, DB: SqlDatabase> {
    /// Ends before the turn does.
    tx: Transaction<'static, DB>,
    turn: Option<Turn<'q>>,
    pub(super) dialect: SqlDialect,
    pub(super) namespace: &'q str,
}

/// A partition's line, which is locked.
pub(super) struct Line {
    pub(super) partition: Partition,
    /// The last id, version or number of a batch.
    pub(super) last: u64,
    pub(super) waiting: u64,
    pub(super) dead: u64,
    pub(super) epoch: u64,
    pub(super) held: bool,
    /// The number of the batch that is not settled; zero if there is none.
    pub(super) batch: u64,
    /// An earlier holder's batch is not settled.
    pub(super) unfinished: bool,
    /// Microseconds since the Unix epoch.
    pub(super) now: u64,
}

impl Line {
    /// The next id, version or number: microseconds, unless that many were given already.
    pub(super) fn next(&mut self) -> u64 {
        self.last = self.now.max(self.last + 1);
        self.last
    }
}

impl<DB: SqlDatabase> Work<'_, DB> {
    /// Runs a statement and answers its rows.
    pub(super) async fn rows(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<SqlValue>,
    ) -> sqlx::Result<Vec<DB::Row>> {
        DB::rows(&mut self.tx, sql.into_sql_str(), values).await
    }

    /// Runs statements that don't touch each other's tables in one round trip; they share their parameters.
    pub(super) async fn together(&mut self, statements: &[&str], values: Vec<SqlValue>) -> sqlx::Result<()> {
        let sql = match (self.dialect, statements) {
            (SqlDialect::Postgres, [first @ .., last]) if !first.is_empty() => {
                let named: Vec<_> =
                    first.iter().enumerate().map(|(n, first)| format!("part{n} AS ({first})")).collect();
                format!("WITH {} {last}", named.join(", "))
            }
            _ => statements.join("; "),
        };
        self.rows(AssertSqlSafe(sql), values).await.map(drop)
    }

    /// Locks a partition; `None` if nothing was ever queued in it. First in every operation that changes the partition.
    pub(super) async fn lock(&mut self, partition: Partition) -> sqlx::Result<Option<Line>> {
        let (now, locked) = (now(self.dialect), locked(self.dialect));
        let sql = format!(
            "SELECT last, waiting, dead, epoch, CAST(CASE WHEN holder = '' THEN 0 ELSE 1 END AS BIGINT), batch, batch_epoch, {now} \
             FROM cache_lines WHERE namespace = $1 AND part = $2{locked}"
        );
        let rows = self.rows(AssertSqlSafe(sql), values![self.namespace, part(partition)]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (epoch, batch) = (DB::int(row, 3)?, DB::int(row, 5)?);
        Ok(Some(Line {
            partition,
            last: number(DB::int(row, 0)?),
            waiting: number(DB::int(row, 1)?),
            dead: number(DB::int(row, 2)?),
            epoch: number(epoch),
            held: DB::int(row, 4)? != 0,
            batch: number(batch),
            unfinished: batch != 0 && DB::int(row, 6)? != epoch,
            now: number(DB::int(row, 7)?),
        }))
    }

    /// The same, with a new line if there was none.
    pub(super) async fn lock_or_make(&mut self, partition: Partition) -> sqlx::Result<Line> {
        if let Some(line) = self.lock(partition).await? {
            return Ok(line);
        }
        let sql = "INSERT INTO cache_lines (namespace, part, last, waiting, dead, epoch, holder, holder_ends, \
                   batch, batch_epoch, batch_function, batch_writes) \
                   VALUES ($1, $2, 0, 0, 0, 0, '', 0, 0, 0, '', '') ON CONFLICT DO NOTHING";
        self.rows(sql, values![self.namespace, part(partition)]).await?;
        self.lock(partition).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

/// Runs an operation as a transaction, again if the database was busy or the tables were missing.
pub(super) async fn within<'q, DB: SqlDatabase, R>(
    queue: &'q Base<DB>,
    operation: &'static str,
    run: impl for<'w> Fn(&'w mut Work<'q, DB>) -> BoxFuture<'w, sqlx::Result<R>>,
) -> Result<R, StoreError> {
    attempt(queue, run).await.map_err(|error| store_error(operation, error))
}

/// The same, with the database's own error.
pub(super) async fn attempt<'q, DB: SqlDatabase, R>(
    queue: &'q Base<DB>,
    run: impl for<'w> Fn(&'w mut Work<'q, DB>) -> BoxFuture<'w, sqlx::Result<R>>,
) -> sqlx::Result<R> {
    let mut tries = Tries::new(&queue.pool, Tables::Queue);
    loop {
        let done = async {
            let mut work = begin(queue).await?;
            let answer = run(&mut work).await?;
            let Work { tx, turn, .. } = work;
            tx.commit().await?;
            drop(turn);
            Ok(answer)
        };
        match done.await {
            Ok(answer) => return Ok(answer),
            Err(error) => tries.again(error).await?,
        }
    }
}

async fn begin<DB: SqlDatabase>(queue: &Base<DB>) -> sqlx::Result<Work<'_, DB>> {
    let dialect = match queue.dialect.get() {
        Some(dialect) => *dialect,
        None => {
            let dialect = schema::known::<DB>(&*queue.pool.acquire().await?)?;
            *queue.dialect.get_or_init(|| dialect)
        }
    };
    let begin = match dialect {
        // One that reads first and then finds that another has written would have to begin anew.
        SqlDialect::Sqlite => "BEGIN IMMEDIATE",
        // Each statement sees what was committed before it, whatever the database's default is. A plan that was made while the tables were empty is kept by
        // its connection while they grow: it must use their indices all the same. What that makes look expensive isn't, and compiling it takes longer
        // than running it: tens of milliseconds.
        SqlDialect::Postgres => {
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
        }
    };
    let turn = queue.turn().await;
    let tx = queue.pool.begin_with(begin).await?;
    Ok(Work { tx, turn, dialect, namespace: &queue.namespace })
}

/// How a statement by itself is planned.
#[derive(Clone, Copy)]
pub(super) enum Plan {
    /// Once by each connection.
    Kept,
    /// For the tables as they are now, which costs a round trip.
    Anew,
}

/// Runs one statement; it is made for the dialect.
pub(super) async fn alone<DB: SqlDatabase>(
    pool: &Pool<DB>,
    operation: &'static str,
    sql: impl Fn(SqlDialect) -> String,
    values: Vec<SqlValue>,
) -> Result<Vec<DB::Row>, StoreError> {
    planned(pool, operation, Plan::Anew, sql, values).await
}

pub(super) async fn planned<DB: SqlDatabase>(
    pool: &Pool<DB>,
    operation: &'static str,
    plan: Plan,
    sql: impl Fn(SqlDialect) -> String,
    values: Vec<SqlValue>,
) -> Result<Vec<DB::Row>, StoreError> {
    let mut tries = Tries::new(pool, Tables::Queue);
    loop {
        match one(pool, plan, &sql, values.clone()).await {
            Ok(rows) => return Ok(rows),
            Err(error) => tries.again(error).await.map_err(|error| store_error(operation, error))?,
        }
    }
}

pub(super) async fn one<DB: SqlDatabase>(
    pool: &Pool<DB>,
    plan: Plan,
    sql: impl Fn(SqlDialect) -> String,
    values: Vec<SqlValue>,
) -> sqlx::Result<Vec<DB::Row>> {
    let mut connection = pool.acquire().await?;
    let dialect = schema::known::<DB>(&connection)?;
    let sql = AssertSqlSafe(sql(dialect)).into_sql_str();
    match plan {
        Plan::Kept => DB::rows(&mut connection, sql, values).await,
        Plan::Anew => DB::rows_anew(&mut connection, sql, values).await,
    }
}

/// Whether, and when, something that failed is tried again.
pub(super) struct Tries<'q, DB: SqlDatabase> {
    pool: &'q Pool<DB>,
    tables: Tables,
    since: Instant,
    made: bool,
}

impl<'q, DB: SqlDatabase> Tries<'q, DB> {
    pub(super) fn new(pool: &'q Pool<DB>, tables: Tables) -> Self {
        Self { pool, tables, since: Instant::now(), made: false }
    }

    /// Returns when it may be tried again; an error if that is no use.
    pub(super) async fn again(&mut self, error: sqlx::Error) -> sqlx::Result<()> {
        if schema::is_missing(&error) && !self.made {
            match schema::create(self.pool, self.tables).await {
                Ok(()) => self.made = true,
                Err(error) if is_busy(&error) && self.since.elapsed() < PATIENCE => {}
                Err(error) => return Err(error),
            }
            return Ok(());
        }
        // While others make tables, a connection to SQLite can't ask whether what it knows of them is out of date, and takes it for true.
        let passes = is_busy(&error) || schema::is_missing(&error);
        if !passes || self.since.elapsed() >= PATIENCE {
            return Err(error);
        }
        tokio::time::sleep(shortened(PAUSE, 0.9)).await;
        Ok(())
    }
}

/// Whether others were in the way, and nothing was done.
fn is_busy(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    match error.code().as_deref() {
        // Serialization failure, deadlock, lock not available.
        Some("40001" | "40P01" | "55P03") => true,
        // SQLITE_BUSY (5) and SQLITE_LOCKED (6), which are extended in the higher bits.
        Some(code) if code.len() < 5 => code.parse().is_ok_and(|code: u32| matches!(code & 0xff, 5 | 6)),
        _ => false,
    }
}

pub(super) fn store_error(operation: &'static str, error: sqlx::Error) -> StoreError {
    StoreError::new(kind_of(&error), operation).because(error)
}

pub(super) fn kind_of(error: &sqlx::Error) -> StoreErrorKind {
    match error {
        sqlx::Error::Database(_) if !write::is_over(error) => StoreErrorKind::Connection,
        sqlx::Error::Database(refused) => match database_fault(&**refused) {
            // A connection that the server ends may have had its commit on the way.
            _ if refused.code().is_some_and(|code| code.starts_with("57P")) => StoreErrorKind::Connection,
            Some(Fault::Transient) => StoreErrorKind::Unavailable,
            Some(Fault::Permanent) | None => StoreErrorKind::Refused,
        },
        sqlx::Error::Configuration(_) | sqlx::Error::Encode(_) => StoreErrorKind::Refused,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => StoreErrorKind::Unavailable,
        sqlx::Error::Decode(_)
        | sqlx::Error::ColumnDecode { .. }
        | sqlx::Error::ColumnNotFound(_)
        | sqlx::Error::ColumnIndexOutOfBounds { .. }
        | sqlx::Error::TypeNotFound { .. }
        | sqlx::Error::RowNotFound => StoreErrorKind::Protocol,
        _ => StoreErrorKind::Connection,
    }
}

/// The time in microseconds, by the database's clock.
pub(super) fn now(dialect: SqlDialect) -> &'static str {
    match dialect {
        SqlDialect::Sqlite => "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS BIGINT) * 1000",
        SqlDialect::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)",
    }
}

/// What locks the rows that are selected. In SQLite the whole database is locked already.
pub(super) fn locked(dialect: SqlDialect) -> &'static str {
    match dialect {
        SqlDialect::Sqlite => "",
        SqlDialect::Postgres => " FOR UPDATE",
    }
}

/// How a column of a JSON table is read.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Int(&'static str),
    Text(&'static str),
}

/// A table from a parameter with JSON, an array of arrays: as many rows as wanted in one statement that stays the same.
pub(super) fn table(dialect: SqlDialect, parameter: &str, columns: &[Column]) -> String {
    let column = |(n, column): (usize, &Column)| {
        let (name, kind) = match column {
            Column::Int(name) => (name, "BIGINT"),
            Column::Text(name) => (name, "TEXT"),
        };
        match dialect {
            SqlDialect::Sqlite => format!("CAST(json_extract(value, '$[{n}]') AS {kind}) AS {name}"),
            SqlDialect::Postgres => format!("CAST(value ->> {n} AS {kind}) AS {name}"),
        }
    };
    let columns = columns.iter().enumerate().map(column).collect::<Vec<_>>().join(", ");
    let rows = match dialect {
        // With a limit it stays a table of its own, to which others are joined; else it would be read anew for each of their rows.
        SqlDialect::Sqlite => format!("json_each({parameter}) LIMIT -1"),
        SqlDialect::Postgres => format!("jsonb_array_elements(CAST({parameter} AS jsonb))"),
    };
    format!("(SELECT {columns} FROM {rows})")
}

/// The condition that a row of this table of the line in `$1` and `$2` is one of those that `on` finds, under the name `w`, for the rows of `given`, under the name `g`; one for each.
///
/// They are looked up one by one, each by its primary key: a database that knows nothing of the tables yet takes a line for a row or two, and would
/// compare all of it with all that is given.
pub(super) fn rows_of(dialect: SqlDialect, table: &str, given: &str, on: &str) -> String {
    match dialect {
        SqlDialect::Sqlite => format!(
            "{table}.rowid IN (SELECT w.rowid FROM {given} g CROSS JOIN {table} w \
             WHERE w.namespace = $1 AND w.part = $2 AND {on})"
        ),
        SqlDialect::Postgres => format!(
            "{table}.ctid IN (SELECT l.place FROM {given} g CROSS JOIN LATERAL \
             (SELECT w.ctid AS place FROM {table} w WHERE w.namespace = $1 AND w.part = $2 AND {on} LIMIT 1) l)"
        ),
    }
}

/// The rows of `cache_queue`, under this alias, of a key of the line in `$1` and `$2`.
///
/// They are found by the key alone. A database that knows nothing of the tables yet would take the line for the narrower condition, which most rows meet.
pub(super) fn of_key(alias: &str, key: &str) -> String {
    format!("{alias}.key = {key} AND {alias}.namespace || '' = $1 AND {alias}.part + 0 = $2")
}

/// A part of a parameter with bytes; the first is number one.
pub(super) fn slice(dialect: SqlDialect, parameter: &str, first: &str, length: &str) -> String {
    match dialect {
        SqlDialect::Sqlite => format!("substr({parameter}, {first}, {length})"),
        SqlDialect::Postgres => {
            format!("substring({parameter} FROM CAST({first} AS INTEGER) FOR CAST({length} AS INTEGER))")
        }
    }
}

/// How a partition is written.
pub(super) fn part(partition: Partition) -> u64 {
    partition.index() as u64
}

/// The partition that was written as this number.
pub(super) fn partition(part: i64) -> sqlx::Result<Partition> {
    let index = usize::try_from(part).ok();
    let found = index.and_then(|index| Partition::all().nth(index));
    found.ok_or_else(|| sqlx::Error::Decode(format!("there is no partition {part}").into()))
}

/// What a column says: none of them is ever below zero.
pub(super) fn number(column: i64) -> u64 {
    u64::try_from(column).unwrap_or(0)
}
