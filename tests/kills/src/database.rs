//! Where acknowledged writes are to arrive: tables, and a history of every change in the same transactions.

use crate::words::Engine;
use sqlx::{AnyConnection, AnyPool, Connection as _, Executor as _, Row as _, any::AnyPoolOptions};
use std::{sync::Once, time::Duration};

impl Engine {
    /// The engine of a database's address.
    pub(crate) fn of_url(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }
}

fn drivers() {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
}

/// Opens the database, without a connection yet.
pub(crate) fn open(url: &str, connections: u32) -> sqlx::Result<AnyPool> {
    drivers();
    let engine = Engine::of_url(url);
    let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(30));
    let options = options.after_connect(move |connection, _| {
        Box::pin(async move {
            if engine == Engine::Sqlite {
                connection.execute("PRAGMA journal_mode = WAL").await?;
                // The machine doesn't fail here, only processes do.
                connection.execute("PRAGMA synchronous = OFF").await?;
                connection.execute("PRAGMA busy_timeout = 20000").await?;
            }
            Ok(())
        })
    });
    options.connect_lazy(url)
}

/// A connection that waits for no lock.
pub(crate) async fn impatient(url: &str) -> sqlx::Result<AnyConnection> {
    drivers();
    let mut connection = AnyConnection::connect(url).await?;
    if Engine::of_url(url) == Engine::Sqlite {
        connection.execute("PRAGMA busy_timeout = 0").await?;
    }
    Ok(connection)
}

/// Makes the tables.
pub(crate) async fn create(db: &AnyPool, engine: Engine) -> sqlx::Result<()> {
    let place = match engine {
        Engine::Sqlite => "INTEGER PRIMARY KEY AUTOINCREMENT",
        Engine::Postgres => "BIGSERIAL PRIMARY KEY",
    };
    let history = format!(
        "CREATE TABLE history (place {place}, wrote TEXT NOT NULL, id BIGINT NOT NULL, number BIGINT NOT NULL)"
    );
    db.execute(sqlx::AssertSqlSafe(history)).await?;
    db.execute("CREATE INDEX history_of_ids ON history (id)").await?;
    db.execute("CREATE TABLE rows (wrote TEXT NOT NULL, id BIGINT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (wrote, id))")
        .await?;
    Ok(())
}

/// What the database has of some rows.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Function, row and number of every change, in order.
    pub(crate) history: Vec<(String, i64, i64)>,
    /// The same of what is there now.
    pub(crate) rows: Vec<(String, i64, i64)>,
}

/// Reads the rows from this one to before that one.
pub(crate) async fn read(db: &AnyPool, from: i64, to: i64) -> sqlx::Result<Found> {
    let history = "SELECT wrote, id, number FROM history WHERE id >= $1 AND id < $2 ORDER BY place";
    let rows = "SELECT wrote, id, number FROM rows WHERE id >= $1 AND id < $2";
    Ok(Found { history: triples(db, history, from, to).await?, rows: triples(db, rows, from, to).await? })
}

async fn triples(
    db: &AnyPool,
    sql: &'static str,
    from: i64,
    to: i64,
) -> sqlx::Result<Vec<(String, i64, i64)>> {
    let rows = sqlx::query(sql).bind(from).bind(to).fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
}
