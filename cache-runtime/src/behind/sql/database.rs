//! Which databases a queue and a batch's progress can be kept in, and how they are talked to.

use futures_util::future::BoxFuture;
use sqlx::{ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Row, SqlStr, Type, query::Query};
use std::any::Any;

/// A database that write-behind can keep its queue and the progress of its batches in: SQLite, PostgreSQL, and `sqlx::Any` over either.
///
/// Implemented for every sqlx database with the types that are needed; others than those named fail at their first use.
pub trait SqlDatabase: Database {
    /// Whose SQL the connection speaks; `None` for those that nothing here was written for.
    #[doc(hidden)]
    fn dialect(connection: &Self::Connection) -> Option<SqlDialect>;

    /// Runs a statement and answers its rows.
    #[doc(hidden)]
    fn rows(
        connection: &mut Self::Connection,
        sql: SqlStr,
        values: Vec<SqlValue>,
    ) -> BoxFuture<'_, sqlx::Result<Vec<Self::Row>>>;

    /// Runs statements as they are.
    #[doc(hidden)]
    fn script<'c>(connection: &'c mut Self::Connection, sql: &'static str)
    -> BoxFuture<'c, sqlx::Result<()>>;

    /// A column with an integer.
    #[doc(hidden)]
    fn int(row: &Self::Row, column: usize) -> sqlx::Result<i64>;

    /// A column with text.
    #[doc(hidden)]
    fn text(row: &Self::Row, column: usize) -> sqlx::Result<String>;

    /// A column with bytes.
    #[doc(hidden)]
    fn bytes(row: &Self::Row, column: usize) -> sqlx::Result<Vec<u8>>;
}

/// Whose SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlDialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

impl SqlDialect {
    /// By the name that a driver gives itself.
    fn named(name: &str) -> Option<Self> {
        match name {
            "SQLite" => Some(Self::Sqlite),
            "PostgreSQL" => Some(Self::Postgres),
            _ => None,
        }
    }
}

/// A parameter of a statement.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum SqlValue {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for SqlValue {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u64> for SqlValue {
    /// Versions, ids and epochs are far from the end; `u64::MAX` is what callers say who mean all.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for SqlValue {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<String> for SqlValue {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for SqlValue {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&[u8]> for SqlValue {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<DB: Database> SqlDatabase for DB
where
    DB::Connection: 'static,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    usize: ColumnIndex<DB::Row>,
    i64: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
    String: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
    Vec<u8>: Type<DB> + for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB>,
{
    fn dialect(connection: &DB::Connection) -> Option<SqlDialect> {
        let any = (connection as &dyn Any).downcast_ref::<sqlx::AnyConnection>();
        SqlDialect::named(any.map_or(DB::NAME, |any| any.backend_name()))
    }

    fn rows(
        connection: &mut DB::Connection,
        sql: SqlStr,
        values: Vec<SqlValue>,
    ) -> BoxFuture<'_, sqlx::Result<Vec<DB::Row>>> {
        let mut query: Query<'_, DB, DB::Arguments> = sqlx::query(sql);
        for value in values {
            query = match value {
                SqlValue::Int(value) => query.bind(value),
                SqlValue::Text(value) => query.bind(value),
                SqlValue::Bytes(value) => query.bind(value),
            };
        }
        connection.fetch_all(query)
    }

    fn script<'c>(connection: &'c mut DB::Connection, sql: &'static str) -> BoxFuture<'c, sqlx::Result<()>> {
        Box::pin(async move { connection.execute(sqlx::raw_sql(sql)).await.map(drop) })
    }

    fn int(row: &DB::Row, column: usize) -> sqlx::Result<i64> {
        row.try_get(column)
    }

    fn text(row: &DB::Row, column: usize) -> sqlx::Result<String> {
        row.try_get(column)
    }

    fn bytes(row: &DB::Row, column: usize) -> sqlx::Result<Vec<u8>> {
        row.try_get(column)
    }
}
