//! Does a queue in SQLite or PostgreSQL keep the promises of a queue, on real databases and through `sqlx::Any`?
#![allow(missing_docs)]

mod databases;
mod flushing;
mod model;
mod pace;
mod progress;
mod replaying;
mod schema;
mod together;

use cache_runtime::{
    __private::SqlQueue,
    SqlDatabase,
    conformance::queue::{self, QueueSubject},
};
use databases::{SqliteFile, any, postgres};
use sqlx::Pool;
use std::sync::atomic::{AtomicUsize, Ordering};
use test_servers::Postgres;

async fn keeps_every_promise<DB: SqlDatabase>(pool: &Pool<DB>) {
    let made = AtomicUsize::new(0);
    queue::all(async || {
        let namespace = format!("conformance:{}", made.fetch_add(1, Ordering::Relaxed));
        QueueSubject::in_real_time(SqlQueue::new(pool.clone(), &namespace))
    })
    .await;
    assert_eq!(made.into_inner(), queue::PROMISES.len());
}

#[tokio::test]
async fn queue_in_sqlite_keeps_every_promise() {
    let file = SqliteFile::new();
    keeps_every_promise(&file.pool(8).await).await;
}

#[tokio::test]
async fn queue_in_sqlite_with_a_rollback_journal_keeps_every_promise() {
    let file = SqliteFile::new();
    keeps_every_promise(&file.impatient_pool(4).await).await;
}

#[tokio::test]
async fn queue_in_sqlite_with_one_connection_keeps_every_promise() {
    let file = SqliteFile::new();
    keeps_every_promise(&file.pool(1).await).await;
}

#[tokio::test]
async fn queue_in_postgres_keeps_every_promise() {
    let server = Postgres::start().await;
    keeps_every_promise(&postgres(&server).await).await;
}

#[tokio::test]
async fn queue_in_any_sqlite_keeps_every_promise() {
    let file = SqliteFile::new();
    keeps_every_promise(&any(&file.url()).await).await;
}

#[tokio::test]
async fn queue_in_any_postgres_keeps_every_promise() {
    let server = Postgres::start().await;
    keeps_every_promise(&any(&server.url()).await).await;
}
