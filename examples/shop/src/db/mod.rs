//! How the shop reaches its database, and how many statements it sends there.
//!
//! sqlx's `Any` driver runs the same repository code on SQLite and PostgreSQL: both read `$1` placeholders, `RETURNING` and
//! `ON CONFLICT`, so only the schema and the first statement of the seeding transaction know which one it is.

mod rows;
mod schema;
mod seed;

use std::{
    collections::BTreeMap,
    fmt::Display,
    sync::{Arc, Mutex, Once, PoisonError},
    time::Duration,
};

use sqlx::{AnyPool, Executor as _, any::AnyPoolOptions};

pub use rows::{ids, insert_values};

use crate::config::DatabaseUrl;

/// The two databases the shop runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file of its own, with the library built in.
    Sqlite,
    /// A server, shared by several instances.
    Postgres,
}

/// Where a statement comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The repository function with the statement.
    pub function: &'static str,
    /// The request that it was sent for, such as `GET /p/{id}`; none in the background.
    pub request: Option<Arc<str>>,
}

tokio::task_local! {
    static REQUEST: Arc<str>;
}

/// Answers a request, so that the statements sent meanwhile count for it.
pub async fn answering<T>(request: impl Display, answer: impl Future<Output = T>) -> T {
    REQUEST.scope(request.to_string().into(), answer).await
}

/// The pool, and a count of the statements by where they come from.
#[derive(Clone, Debug)]
pub struct Db {
    pool: AnyPool,
    statements: Arc<Mutex<BTreeMap<Origin, u64>>>,
}

impl Db {
    /// Connects, creates the tables where they are missing, and fills an empty catalogue.
    ///
    /// Several instances may start at once: one of them seeds, the others wait for it.
    pub async fn open(url: &DatabaseUrl) -> sqlx::Result<Self> {
        let pool = options(url.engine()).connect(url.as_str()).await?;
        seed::ensure(&pool, url.engine()).await?;
        Ok(Self { pool, statements: Arc::default() })
    }

    /// A database that connects with its first statement, to tables that are there already.
    pub fn unopened(url: &DatabaseUrl) -> sqlx::Result<Self> {
        let pool = options(url.engine()).connect_lazy(url.as_str())?;
        Ok(Self { pool, statements: Arc::default() })
    }

    /// Whether a queue of acknowledged writes has its tables here.
    pub async fn has_queue(&self) -> sqlx::Result<bool> {
        match sqlx::query("SELECT 1 FROM cache_dead LIMIT 1").fetch_optional(&self.pool).await {
            Ok(_) => Ok(true),
            Err(sqlx::Error::Database(refused))
                if refused.code().as_deref() == Some("42P01")
                    || refused.message().starts_with("no such table") =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// The pool itself, for transactions; their statements are reported with [`Db::count`].
    pub const fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// The pool, for one statement of `function`.
    pub fn counted(&self, function: &'static str) -> &AnyPool {
        self.count(function);
        &self.pool
    }

    /// Counts one statement of `function` that runs inside a transaction.
    pub fn count(&self, function: &'static str) {
        let origin = Origin { function, request: REQUEST.try_with(Arc::clone).ok() };
        *self.statements.lock().unwrap_or_else(PoisonError::into_inner).entry(origin).or_default() += 1;
    }

    /// The statements sent since the start, by function; `BEGIN` and `COMMIT` aren't among them.
    pub fn statements(&self) -> BTreeMap<&'static str, u64> {
        let mut statements = BTreeMap::new();
        for (origin, sent) in self.statements_by_origin() {
            *statements.entry(origin.function).or_default() += sent;
        }
        statements
    }

    /// The same, with the requests they were sent for.
    pub fn statements_by_origin(&self) -> BTreeMap<Origin, u64> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for running statements and closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

fn options(engine: Engine) -> AnyPoolOptions {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);

    AnyPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(10)).after_connect(
        move |connection, _| {
            Box::pin(async move {
                if engine == Engine::Sqlite {
                    connection.execute("PRAGMA journal_mode = WAL").await?;
                    connection.execute("PRAGMA synchronous = NORMAL").await?;
                }
                Ok(())
            })
        },
    )
}
