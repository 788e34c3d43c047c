//! A database transaction that the cache knows of.

use crate::{
    Cache, SqlDatabase,
    behind::{self, Failure, Lane, Progress, sql},
    flight::WriteEnd,
    joined::{Ending, Joined, Transaction},
    write::is_over,
};
use sqlx::{AssertSqlSafe, Database, Executor};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    time::Duration,
};

/// A database transaction that the cache knows of; derefs to the sqlx transaction. Dropping it rolls back.
///
/// Cached functions that take one as `&mut` take part in it: readers neither look up nor store, since their rows may be gone again; writers announce what
/// they write, and drop it when the transaction has committed. What they drop stays out of the cache until then. A transaction that is rolled
/// back, or dropped, drops nothing else; one whose outcome is unknown (its connection broke in the commit, or its caller left) keeps its
/// keys out of the cache for as long as it may still commit.
///
/// Batch functions of write-behind get one: they write through it, and the cache commits it when they return `Ok`.
///
/// ```
/// use cache_runtime::{Cache, CacheTx, repository};
/// use sqlx::{Sqlite, SqlitePool};
///
/// #[derive(Clone)]
/// struct Accounts {
///     db: SqlitePool,
///     cache: Cache,
/// }
///
/// #[repository(cache = self.cache, ttl = "5m")]
/// impl Accounts {
///     #[cached(strategy = "read_through", key = "balance:<id>", level = "strict")]
///     async fn balance(&self, id: i64) -> sqlx::Result<i64> {
///         sqlx::query_scalar("SELECT balance FROM account WHERE id = ?").bind(id).fetch_one(&self.db).await
///     }
///
///     #[invalidates(balance(id))]
///     async fn add(&self, tx: &mut CacheTx<'_, Sqlite>, id: i64, amount: i64) -> sqlx::Result<()> {
///         let add = sqlx::query("UPDATE account SET balance = balance + ? WHERE id = ?");
///         add.bind(amount).bind(id).execute(&mut ***tx).await?;
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sqlx::Result<()> {
/// # let db = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
/// # sqlx::raw_sql("CREATE TABLE account (id INTEGER, balance INTEGER); INSERT INTO account VALUES (1, 10), (2, 0)").execute(&db).await?;
/// let accounts = Accounts { db, cache: Cache::memory() };
/// assert_eq!(accounts.balance(2).await?, 0);
/// let mut tx = accounts.cache.begin(&accounts.db).await?;
/// accounts.add(&mut tx, 1, -7).await?;
/// accounts.add(&mut tx, 2, 7).await?;
/// tx.commit().await?;
/// assert_eq!(accounts.balance(2).await?, 7);
/// # Ok(())
/// # }
/// ```
pub struct CacheTx<'t, DB: Database> {
    // Rolled back before its end is told.
    tx: sqlx::Transaction<'t, DB>,
    ending: Ending,
}

impl Cache {
    /// Begins a transaction.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn begin<DB: Database>(&self, pool: &sqlx::Pool<DB>) -> sqlx::Result<CacheTx<'static, DB>> {
        Ok(CacheTx { tx: pool.begin().await?, ending: Ending::new() })
    }
}

/// How much of what an announcement lasts may pass between its confirmation and the end of the commit.
const SHARE_OF_INTENT: f64 = 0.4;

impl<DB: Database> CacheTx<'_, DB> {
    /// Commits, and returns when everybody knows what was written.
    ///
    /// If it wrote to strict templates, the announcements are confirmed first. On PostgreSQL the commit must then follow within 0.4 of the time that they last, or
    /// the server ends the session (`idle_in_transaction_session_timeout`, `statement_timeout`): a process that is stopped in between can't commit late. SQLite
    /// has no such limits, and through `sqlx::Any` none are set.
    ///
    /// Dropped half-way, its outcome is unknown.
    ///
    /// # Errors
    ///
    /// The database's; the transaction may have been committed all the same when the connection broke. With `on_fence_fail = "reject"` on one of its writers
    /// also the cache's, if the writes could not be announced: it is rolled back then.
    pub async fn commit(self) -> sqlx::Result<()>
    where
        for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    {
        let Self { mut tx, mut ending } = self;
        if let Some(intent) = ending.shortest_intent() {
            let limited = limit(&mut tx, intent.mul_f64(SHARE_OF_INTENT)).await;
            let ready = match limited {
                Ok(()) => ending.confirm().await.map_err(sqlx::Error::from),
                // Most likely a statement had failed, and the database would only roll back.
                Err(error) => Err(error),
            };
            if let Err(error) = ready {
                // Nothing can have committed, whatever this comes to.
                drop(tx.rollback().await);
                ending.tell().await;
                return Err(error);
            }
        }
        ending.stands_at(WriteEnd::Unknown);
        let committed = tx.commit().await;
        match &committed {
            Ok(()) => ending.stands_at(WriteEnd::Committed),
            Err(error) if is_over(error) => ending.stands_at(WriteEnd::Over),
            Err(_) => {}
        }
        ending.tell().await;
        committed
    }

    /// Rolls back, and waits for it.
    ///
    /// # Errors
    ///
    /// The database's; a transaction whose connection broke is rolled back by the server.
    pub async fn rollback(self) -> sqlx::Result<()> {
        let Self { tx, ending } = self;
        let rolled_back = tx.rollback().await;
        ending.tell().await;
        rolled_back
    }
}

/// Makes the server end a session that is silent for longer than this from now on, or a statement that takes longer.
async fn limit<DB: Database>(tx: &mut sqlx::Transaction<'_, DB>, time: Duration) -> sqlx::Result<()>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    if DB::NAME != "PostgreSQL" {
        return Ok(());
    }
    let ms = time.as_millis();
    // What is stricter already stays as it is.
    let limits = format!(
        "SELECT set_config(name, '{ms}', true) FROM pg_settings \
         WHERE name IN ('idle_in_transaction_session_timeout', 'statement_timeout') \
         AND (setting::bigint = 0 OR setting::bigint > {ms})"
    );
    sqlx::raw_sql(AssertSqlSafe(limits)).execute(&mut **tx).await.map(drop)
}

impl<DB: Database> Transaction for CacheTx<'_, DB> {
    fn joined(&self) -> Option<Joined> {
        Some(self.ending.joined().clone())
    }
}

impl<'t, DB: Database> Deref for CacheTx<'t, DB> {
    type Target = sqlx::Transaction<'t, DB>;

    fn deref(&self) -> &Self::Target {
        &self.tx
    }
}

impl<DB: Database> DerefMut for CacheTx<'_, DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.tx
    }
}

impl<DB: Database> fmt::Debug for CacheTx<'_, DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CacheTx").field("left", self.ending.joined()).finish_non_exhaustive()
    }
}

/// Begins the transaction of a batch; where a flusher writes it, the transaction also says how far that came, unless another has taken over.
pub async fn begin<DB: SqlDatabase>(
    cache: &Cache,
    pool: &sqlx::Pool<DB>,
) -> sqlx::Result<CacheTx<'static, DB>> {
    let Some(scope) = behind::batch() else { return cache.begin(pool).await };
    let mut prepared = false;
    loop {
        let mut tx = cache.begin(pool).await?;
        // First of all: what writes first need not fear in SQLite that another writes before it can.
        match sql::advance(&mut tx, &scope.namespace, &scope.lanes()).await {
            Ok(true) => return Ok(tx),
            Ok(false) => {
                scope.fence();
                return Err(sqlx::Error::Protocol("another flusher has taken over".to_owned()));
            }
            Err(error) if sql::is_missing(&error) && !prepared => {
                drop(tx.rollback().await);
                sql::prepare(pool).await?;
                prepared = true;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Asks which batch of a partition the database has committed last, and shuts out earlier flushers.
pub fn progress<DB: SqlDatabase>(cache: &Cache, pool: &sqlx::Pool<DB>, lane: Lane) -> Progress {
    let namespace = cache.0.behind.progress_as().unwrap_or_default();
    let pool = pool.clone();
    Box::pin(async move {
        let last = sql::last_batch(&pool, &namespace, lane.partition, lane.epoch).await;
        last.map_err(|error| Failure::of(&error, None))
    })
}

/// The error type of a function whose batches are written in a transaction: every type that implements `From<sqlx::Error>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't say that the database failed, and batches are written in a transaction",
    label = "no `From<sqlx::Error>`",
    note = "a transaction may fail to begin or to commit: return `sqlx::Result<()>`, or an error of yours that implements `From<sqlx::Error>`"
)]
pub trait OfDatabase {
    /// The function's error for it.
    fn of(error: sqlx::Error) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<sqlx::Error>> OfDatabase for E {
    fn of(error: sqlx::Error) -> Self {
        error.into()
    }
}

/// The function's error for a transaction that failed; whether it has one is asked here alone.
pub fn of_database<E: OfDatabase>(error: sqlx::Error) -> E {
    E::of(error)
}

/// Commits the transaction of a batch that went well.
pub async fn finish<DB: Database, E>(
    tx: CacheTx<'static, DB>,
    done: Result<(), E>,
    failed: fn(sqlx::Error) -> E,
) -> Result<(), E>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    done?;
    if let Some(scope) = behind::batch() {
        scope.commits();
    }
    tx.commit().await.map_err(failed)
}
