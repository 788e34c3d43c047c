//! What is written, and the two databases it is written to.

use serde::{Deserialize, Serialize};
use sqlx::{
    AssertSqlSafe, PgConnection, PgPool, SqliteConnection, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::path::Path;

/// A row of about 150 bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) price: i64,
    pub(crate) tags: String,
}

impl Row {
    pub(crate) fn new(id: u64, price: u64) -> Self {
        let (id, price) = (id.cast_signed(), price.cast_signed());
        let tags = format!("kitchen,shelf-{},on sale,seldom returned", id % 97);
        Self { id, name: format!("Product number {id:08} with a longer name"), price, tags }
    }
}

/// A database that brings every commit to disk.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl Db {
    pub(crate) async fn postgres(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(64).connect(url).await.expect("the server answers");
        Self::made(Self::Postgres(pool)).await
    }

    /// One connection: SQLite has one writer anyway, and those that wait in the pool don't poll.
    pub(crate) async fn sqlite(dir: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(dir.join("rows.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options);
        Self::made(Self::Sqlite(pool.await.expect("the file can be made"))).await
    }

    async fn made(self) -> Self {
        self.run("CREATE TABLE product (id BIGINT PRIMARY KEY, name TEXT, price BIGINT, tags TEXT)").await;
        self
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "PostgreSQL",
            Self::Sqlite(_) => "SQLite",
        }
    }

    async fn run(&self, sql: &'static str) {
        let done = match self {
            Self::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
            Self::Sqlite(pool) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        };
        done.expect("the statement is valid");
    }

    /// Forgets all rows.
    pub(crate) async fn empty(&self) {
        match self {
            Self::Postgres(_) => self.run("TRUNCATE product").await,
            Self::Sqlite(_) => self.run("DELETE FROM product").await,
        }
    }

    /// How many rows there are.
    pub(crate) async fn count(&self) -> u64 {
        let sql = "SELECT COUNT(*) FROM product";
        let count: i64 = match self {
            Self::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Self::Sqlite(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .expect("the table is there");
        count.cast_unsigned()
    }

    /// One statement for one row.
    pub(crate) async fn upsert(&self, row: Row) {
        const SQL: &str = "INSERT INTO product (id, name, price, tags) VALUES ($1, $2, $3, $4) ON CONFLICT (id) \
                           DO UPDATE SET name = excluded.name, price = excluded.price, tags = excluded.tags";
        let Row { id, name, price, tags } = row;
        let done = match self {
            Self::Postgres(pool) => {
                sqlx::query(SQL).bind(id).bind(name).bind(price).bind(tags).execute(pool).await.map(drop)
            }
            Self::Sqlite(pool) => {
                sqlx::query(SQL).bind(id).bind(name).bind(price).bind(tags).execute(pool).await.map(drop)
            }
        };
        done.expect("the row is valid");
    }

    /// One statement for many rows with different ids.
    pub(crate) async fn upsert_all(&self, rows: &[Row]) {
        let done = match self {
            Self::Postgres(pool) => {
                postgres(&mut *pool.acquire().await.expect("the server answers"), rows).await
            }
            Self::Sqlite(pool) => sqlite(&mut *pool.acquire().await.expect("the file is there"), rows).await,
        };
        done.expect("the rows are valid");
    }
}

pub(crate) async fn postgres(connection: &mut PgConnection, rows: &[Row]) -> sqlx::Result<()> {
    const SQL: &str = "INSERT INTO product (id, name, price, tags) \
                       SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::text[]) ON CONFLICT (id) \
                       DO UPDATE SET name = excluded.name, price = excluded.price, tags = excluded.tags";
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let names: Vec<&str> = rows.iter().map(|row| &*row.name).collect();
    let prices: Vec<i64> = rows.iter().map(|row| row.price).collect();
    let tags: Vec<&str> = rows.iter().map(|row| &*row.tags).collect();
    sqlx::query(SQL).bind(ids).bind(names).bind(prices).bind(tags).execute(connection).await?;
    Ok(())
}

pub(crate) async fn sqlite(connection: &mut SqliteConnection, rows: &[Row]) -> sqlx::Result<()> {
    let values = vec!["(?, ?, ?, ?)"; rows.len()].join(", ");
    let sql = format!(
        "INSERT INTO product (id, name, price, tags) VALUES {values} ON CONFLICT (id) \
         DO UPDATE SET name = excluded.name, price = excluded.price, tags = excluded.tags"
    );
    // A text for each number of rows: the cache of statements has no use for them.
    let mut upsert = sqlx::query(AssertSqlSafe(sql)).persistent(false);
    for row in rows {
        upsert = upsert.bind(row.id).bind(&row.name).bind(row.price).bind(&row.tags);
    }
    upsert.execute(connection).await?;
    Ok(())
}
