//! A repository over a table in a real database, with writers that take part in transactions.

use cache_runtime::{Cache, CacheTx, repository};
use sqlx::{Database, Pool, Postgres, Sqlite};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::sync::Semaphore;

/// An alias, behind which the attributes still find the transaction.
pub(crate) type Tx<'t, DB> = CacheTx<'t, DB>;

pub(crate) struct Ledger<DB: Database> {
    pub(crate) db: Pool<DB>,
    pub(crate) cache: Cache,
    loads: Arc<AtomicUsize>,
    has_read: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl<DB: Database> Clone for Ledger<DB> {
    fn clone(&self) -> Self {
        Self {
            db: self.db.clone(),
            cache: self.cache.clone(),
            loads: self.loads.clone(),
            has_read: self.has_read.clone(),
            gate: self.gate.clone(),
        }
    }
}

impl<DB: Database> fmt::Debug for Ledger<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ledger")
    }
}

impl<DB: Database> Ledger<DB> {
    fn over(db: Pool<DB>, cache: Cache) -> Self {
        Self {
            db,
            cache,
            loads: Arc::default(),
            has_read: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    /// As another process sees it.
    pub(crate) fn through(&self, cache: Cache) -> Self {
        Self { cache, ..self.clone() }
    }

    pub(crate) fn loads(&self) -> usize {
        self.loads.swap(0, SeqCst)
    }

    /// From now on readers wait after they have read.
    pub(crate) fn hold_reads(&self) {
        self.has_read.store(0, SeqCst);
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn has_read(&self) -> bool {
        self.has_read.load(SeqCst) > 0
    }

    pub(crate) fn let_go(&self) {
        self.gate.add_permits(1_000);
    }

    async fn read(&self, balance: i64) -> i64 {
        self.loads.fetch_add(1, SeqCst);
        self.has_read.fetch_add(1, SeqCst);
        self.gate.acquire().await.unwrap().forget();
        balance
    }
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance >= 0)); \
     DELETE FROM account; INSERT INTO account VALUES (1, 10), (2, 0)";

/// The same repository over either database: the statements are portable, their types aren't.
macro_rules! ledger {
    ($db:ty) => {
        impl Ledger<$db> {
            pub(crate) async fn create(db: Pool<$db>, cache: Cache) -> Self {
                sqlx::raw_sql(TABLE).execute(&db).await.unwrap();
                Self::over(db, cache)
            }
        }

        #[repository(cache = self.cache, ttl = "5m")]
        impl Ledger<$db> {
            #[cached(strategy = "read_through", key = "balance:<id>", level = "strict")]
            pub(crate) async fn balance(&self, id: i64) -> sqlx::Result<i64> {
                let select = sqlx::query_scalar("SELECT balance FROM account WHERE id = $1").bind(id);
                let balance = select.fetch_one(&self.db).await?;
                Ok(self.read(balance).await)
            }

            #[cached(strategy = "read_through", key = "balance:<id>")]
            pub(crate) async fn balance_in(&self, tx: &mut CacheTx<'_, $db>, id: i64) -> sqlx::Result<i64> {
                let select = sqlx::query_scalar("SELECT balance FROM account WHERE id = $1").bind(id);
                let balance = select.fetch_one(&mut ***tx).await?;
                Ok(self.read(balance).await)
            }

            #[cached(strategy = "read_through", key = "total")]
            pub(crate) async fn total(&self) -> sqlx::Result<i64> {
                let select = sqlx::query_scalar("SELECT CAST(SUM(balance) AS BIGINT) FROM account");
                let total = select.fetch_one(&self.db).await?;
                Ok(self.read(total).await)
            }

            #[invalidates(total())]
            pub(crate) async fn open(&self, tx: &mut CacheTx<'_, $db>, id: i64) -> sqlx::Result<()> {
                let open = sqlx::query("INSERT INTO account VALUES ($1, 0)");
                open.bind(id).execute(&mut ***tx).await.map(drop)
            }

            #[invalidates(balance(id), total())]
            pub(crate) async fn add(
                &self,
                tx: &mut CacheTx<'_, $db>,
                id: i64,
                amount: i64,
            ) -> sqlx::Result<()> {
                let add = sqlx::query("UPDATE account SET balance = balance + $1 WHERE id = $2");
                add.bind(amount).bind(id).execute(&mut ***tx).await.map(drop)
            }

            #[cached(strategy = "write_around", key = "balance:<id>", on_fence_fail = "reject")]
            pub(crate) async fn reset(&self, tx: &mut Tx<'_, $db>, id: i64) -> sqlx::Result<()> {
                let reset = sqlx::query("UPDATE account SET balance = 0 WHERE id = $1");
                reset.bind(id).execute(&mut ***tx).await.map(drop)
            }
        }
    };
}

ledger!(Sqlite);
ledger!(Postgres);
