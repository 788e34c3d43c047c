//! Which databases a queue and a batch's progress can be kept in, and how they are talked to.

use futures_util::future::BoxFuture;
use sqlx::{
    ColumnIndex, Database, Decode, Encode, Execute, Executor, IntoArguments, Row, SqlStr, Type,
    error::BoxDynError, query::Query,
};
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

    /// The same, with a statement that the connection forgets: it is planned for the tables as they are now.
    #[doc(hidden)]
    fn rows_anew(
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
        connection.fetch_all(bound(sqlx::query(sql), values))
    }

    fn rows_anew(
        connection: &mut DB::Connection,
        sql: SqlStr,
        values: Vec<SqlValue>,
    ) -> BoxFuture<'_, sqlx::Result<Vec<DB::Row>>> {
        connection.fetch_all(Anew(bound(sqlx::query(sql), values)))
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

/// A statement that the connection forgets.
struct Anew<Q>(Q);

impl<'q, DB: Database, Q: Execute<'q, DB>> Execute<'q, DB> for Anew<Q> {
    fn sql(self) -> SqlStr {
        self.0.sql()
    }

    fn statement(&self) -> Option<&DB::Statement> {
        None
    }

    fn take_arguments(&mut self) -> Result<Option<DB::Arguments>, BoxDynError> {
        self.0.take_arguments()
    }

    fn persistent(&self) -> bool {
        false
    }
}

/// The statement with its parameters.
fn bound<'q, DB: Database>(
    mut query: Query<'q, DB, DB::Arguments>,
    values: Vec<SqlValue>,
) -> Query<'q, DB, DB::Arguments>
where
    i64: Type<DB> + Encode<'q, DB>,
    String: Type<DB> + Encode<'q, DB>,
    Vec<u8>: Type<DB> + Encode<'q, DB>,
{
    for value in values {
        query = match value {
            SqlValue::Int(value) => query.bind(value),
            SqlValue::Text(value) => query.bind(value),
            SqlValue::Bytes(value) => query.bind(value),
        };
    }
    query
}
