//! The write-behind functions under test: one of each kind.

use super::hooks::Hooks;
use crate::words::{Function, Point};
use cache_runtime::{Cache, CacheTx, repository};
use serde::{Deserialize, Serialize};
use sqlx::{Any, AnyPool, AssertSqlSafe, Row as _};
use std::sync::Arc;

/// Which call wrote the row last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) number: i64,
}

/// An amount to be added to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delta {
    pub(crate) id: i64,
    pub(crate) amount: i64,
}

fn sum(one: Delta, other: Delta) -> Delta {
    Delta { id: one.id, amount: one.amount + other.amount }
}

/// Rows that are written behind.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    db: AnyPool,
    cache: Cache,
    hooks: Arc<Hooks>,
}

impl Rows {
    pub(crate) fn new(db: AnyPool, cache: Cache, hooks: Arc<Hooks>) -> Self {
        Self { db, cache, hooks }
    }

    pub(crate) fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    /// Asked for when the transaction of a batch is about to begin.
    fn pool(&self) -> &AnyPool {
        self.hooks.at(Point::Taken);
        &self.db
    }
}

#[repository(cache = self.cache, db = self.pool(), ttl = "1h", negative_ttl = "1h")]
impl Rows {
    #[cached(strategy = "read_through", key = "sum:<id>")]
    pub(crate) async fn sum(&self, id: i64) -> sqlx::Result<Option<Delta>> {
        let row = sqlx::query("SELECT number FROM rows WHERE wrote = 'add' AND id = $1").bind(id);
        let row = row.fetch_optional(&self.db).await?;
        row.map(|row| Ok(Delta { id, amount: row.try_get(0)? })).transpose()
    }

    #[cached(strategy = "read_through", key = "put:<id>")]
    pub(crate) async fn find(&self, id: i64) -> sqlx::Result<Option<Row>> {
        read(&self.db, Function::Put, id).await
    }

    #[cached(strategy = "write_behind", key = "put:<row.id>", value = row, batch = Self::save)]
    pub(crate) async fn put(&self, row: Row) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Row]) -> sqlx::Result<()> {
        set(tx, Function::Put, batch).await?;
        self.hooks.writing(Function::Put, batch).await
    }

    #[cached(strategy = "read_through", key = "mark:<id>")]
    pub(crate) async fn marked(&self, id: i64) -> sqlx::Result<Option<Row>> {
        read(&self.db, Function::Mark, id).await
    }

    #[cached(strategy = "write_behind", key = "mark:<row.id>", value = row, batch = Self::save_marks)]
    pub(crate) async fn mark(&self, row: Row) -> sqlx::Result<()>;

    async fn save_marks(&self, tx: &mut CacheTx<'_, Any>, batch: &[Row]) -> sqlx::Result<()> {
        set(tx, Function::Mark, batch).await?;
        self.hooks.writing(Function::Mark, batch).await
    }

    #[cached(strategy = "write_behind", key = "mark:<row.id>", deletes, batch = Self::erase_marks)]
    pub(crate) async fn unmark(&self, row: Row) -> sqlx::Result<()>;

    async fn erase_marks(&self, tx: &mut CacheTx<'_, Any>, batch: &[Row]) -> sqlx::Result<()> {
        for row in batch {
            let delete = sqlx::query("DELETE FROM rows WHERE wrote = 'mark' AND id = $1");
            delete.bind(row.id).execute(&mut ***tx).await?;
        }
        log(tx, Function::Unmark, batch).await?;
        self.hooks.writing(Function::Unmark, batch).await
    }

    /// Events are read by nobody, so this only keeps the key from being one that no reader uses.
    #[cached(strategy = "read_through", key = "event:<id>")]
    pub(crate) async fn last_event(&self, id: i64) -> sqlx::Result<Option<Row>> {
        read(&self.db, Function::Append, id).await
    }

    #[cached(strategy = "write_behind", key = "event:<row.id>", value = row, coalesce = false, batch = Self::save_events)]
    pub(crate) async fn append(&self, row: Row) -> sqlx::Result<()>;

    async fn save_events(&self, tx: &mut CacheTx<'_, Any>, batch: &[Row]) -> sqlx::Result<()> {
        log(tx, Function::Append, batch).await?;
        self.hooks.writing(Function::Append, batch).await
    }

    #[cached(strategy = "write_behind", key = "sum:<delta.id>", merge = sum, batch = Self::save_sums)]
    pub(crate) async fn add(&self, delta: Delta) -> sqlx::Result<()>;

    async fn save_sums(&self, tx: &mut CacheTx<'_, Any>, batch: &[Delta]) -> sqlx::Result<()> {
        let mut upsert = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO rows (wrote, id, number) VALUES {} \
             ON CONFLICT (wrote, id) DO UPDATE SET number = rows.number + excluded.number",
            values(batch.len())
        )));
        for delta in batch {
            upsert = upsert.bind(Function::Add.table()).bind(delta.id).bind(delta.amount);
        }
        upsert.execute(&mut ***tx).await?;
        let rows: Vec<_> = batch.iter().map(|delta| Row { id: delta.id, number: delta.amount }).collect();
        log(tx, Function::Add, &rows).await?;
        self.hooks.writing(Function::Add, &rows).await
    }

    #[cached(strategy = "read_through", key = "loose:<id>")]
    pub(crate) async fn found_loosely(&self, id: i64) -> sqlx::Result<Option<Row>> {
        read(&self.db, Function::Loose, id).await
    }

    #[cached(strategy = "write_behind", key = "loose:<row.id>", value = row, unordered, batch = Self::save_loosely)]
    pub(crate) async fn loose(&self, row: Row) -> sqlx::Result<()>;

    async fn save_loosely(&self, batch: &[Row]) -> sqlx::Result<()> {
        self.hooks.at(Point::Taken);
        let mut tx = self.db.begin().await?;
        set(&mut tx, Function::Loose, batch).await?;
        self.hooks.writing(Function::Loose, batch).await?;
        tx.commit().await
    }
}

async fn read(db: &AnyPool, function: Function, id: i64) -> sqlx::Result<Option<Row>> {
    let row = sqlx::query("SELECT number FROM rows WHERE wrote = $1 AND id = $2");
    let row = row.bind(function.table()).bind(id).fetch_optional(db).await?;
    row.map(|row| Ok(Row { id, number: row.try_get(0)? })).transpose()
}

fn values(rows: usize) -> String {
    let row = |n: usize| format!("(${}, ${}, ${})", 3 * n + 1, 3 * n + 2, 3 * n + 3);
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

async fn set(tx: &mut sqlx::Transaction<'_, Any>, function: Function, batch: &[Row]) -> sqlx::Result<()> {
    let mut upsert = sqlx::query(AssertSqlSafe(format!(
        "INSERT INTO rows (wrote, id, number) VALUES {} \
         ON CONFLICT (wrote, id) DO UPDATE SET number = excluded.number",
        values(batch.len())
    )));
    for row in batch {
        upsert = upsert.bind(function.table()).bind(row.id).bind(row.number);
    }
    upsert.execute(&mut **tx).await?;
    log(tx, function, batch).await
}

async fn log(tx: &mut sqlx::Transaction<'_, Any>, function: Function, batch: &[Row]) -> sqlx::Result<()> {
    let insert = format!("INSERT INTO history (wrote, id, number) VALUES {}", values(batch.len()));
    let mut insert = sqlx::query(AssertSqlSafe(insert));
    for row in batch {
        insert = insert.bind(function.word()).bind(row.id).bind(row.number);
    }
    insert.execute(&mut **tx).await?;
    Ok(())
}
