//! Where the truth is: one row per key, whose version the database itself counts up.

use crate::words::{Level, words};
use serde::{Deserialize, Serialize};
use sqlx::{AnyPool, Executor as _, Row as _, any::AnyPoolOptions};
use std::{sync::Once, time::Duration};

words! {
    /// The databases that the auditor runs on.
    Engine {
        Postgres = "postgres",
        Sqlite = "sqlite",
    }
}

/// What a reader gets: which write made the row, and which version it became.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) version: i64,
    pub(crate) token: i64,
}

impl Engine {
    /// The engine of a database's address.
    fn of_url(url: &str) -> Self {
        if url.starts_with("sqlite:") { Self::Sqlite } else { Self::Postgres }
    }
}

/// Opens the database, without a connection yet.
pub(crate) fn open(url: &str, connections: u32) -> sqlx::Result<AnyPool> {
    static DRIVERS: Once = Once::new();
    DRIVERS.call_once(sqlx::any::install_default_drivers);
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

/// Makes the table, with a row of version 0 for every key.
pub(crate) async fn create(db: &AnyPool, keys: u16) -> sqlx::Result<()> {
    db.execute(
        "CREATE TABLE registers (level TEXT NOT NULL, id BIGINT NOT NULL, version BIGINT NOT NULL, \
         token BIGINT NOT NULL, gone BIGINT NOT NULL, PRIMARY KEY (level, id))",
    )
    .await?;
    for level in Level::ALL {
        for id in 0..keys {
            let insert = sqlx::query("INSERT INTO registers VALUES ($1, $2, 0, 0, 0)");
            insert.bind(level.word()).bind(i64::from(id)).execute(db).await?;
        }
    }
    Ok(())
}

/// The row, unless it was removed.
pub(crate) async fn load(db: &AnyPool, level: Level, id: u16) -> sqlx::Result<Option<Row>> {
    let query = sqlx::query("SELECT version, token FROM registers WHERE level = $1 AND id = $2 AND gone = 0");
    let row = query.bind(level.word()).bind(i64::from(id)).fetch_optional(db).await?;
    row.map(|row| Ok(Row { version: row.try_get(0)?, token: row.try_get(1)? })).transpose()
}

/// Writes the row, or marks it as removed; returns its new version. One statement, so the database orders all writes of a row.
pub(crate) async fn store(db: &AnyPool, level: Level, id: u16, token: i64, gone: bool) -> sqlx::Result<i64> {
    let update = sqlx::query(
        "UPDATE registers SET version = version + 1, token = $1, gone = $2 WHERE level = $3 AND id = $4 \
         RETURNING version",
    );
    let update = update.bind(token).bind(i64::from(gone)).bind(level.word()).bind(i64::from(id));
    update.fetch_one(db).await?.try_get(0)
}
