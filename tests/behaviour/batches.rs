//! Batches in transactions, on SQLite: what is at fault, what waits for what, and what was committed without an answer.

use crate::fixtures::SqliteFile;
use cache_runtime::{Cache, CacheTx, Queue, repository};
use sqlx::{Sqlite, SqlitePool};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

const LONG: Duration = Duration::from_secs(20);

/// A database with what was written in order.
async fn logging() -> (SqliteFile, SqlitePool) {
    let file = SqliteFile::new();
    let db = file.pool().await;
    let table = "CREATE TABLE log (n INTEGER PRIMARY KEY AUTOINCREMENT, id INTEGER, text TEXT CHECK (text <> 'poison'))";
    sqlx::raw_sql(table).execute(&db).await.unwrap();
    (file, db)
}

async fn log(db: &SqlitePool) -> Vec<(i64, String)> {
    sqlx::query_as("SELECT id, text FROM log ORDER BY n").fetch_all(db).await.unwrap()
}

async fn until_logged(db: &SqlitePool, id: i64) {
    let end = Instant::now() + LONG;
    while !log(db).await.iter().any(|(logged, _)| *logged == id) {
        assert!(Instant::now() < end, "{id} is not written: {:?}", log(db).await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn insert(tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, String)]) -> sqlx::Result<()> {
    for (id, text) in batch {
        sqlx::query("INSERT INTO log (id, text) VALUES (?, ?)")
            .bind(id)
            .bind(text)
            .execute(&mut ***tx)
            .await?;
    }
    Ok(())
}

#[derive(Clone)]
struct Journal {
    cache: Cache,
    db: SqlitePool,
    /// The next batch of one write is committed, and nobody is told.
    unanswered: Arc<AtomicBool>,
    down: Arc<AtomicBool>,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Journal {
    #[cached(strategy = "write_behind", key = "journal:<line.0>", value = line, coalesce = false, batch = Self::save)]
    async fn append(&self, line: (i64, String)) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, String)]) -> sqlx::Result<()> {
        if self.down.load(SeqCst) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        insert(tx, batch).await?;
        if batch.len() == 1 && self.unanswered.swap(false, SeqCst) {
            // What is rolled back after it is another one.
            sqlx::raw_sql("COMMIT; BEGIN").execute(&mut ***tx).await?;
            return Err(sqlx::Error::Io(std::io::Error::other("the answer is lost")));
        }
        Ok(())
    }
}

impl Journal {
    fn over(cache: Cache, db: &SqlitePool) -> Self {
        Self { cache, db: db.clone(), unanswered: Arc::default(), down: Arc::default() }
    }

    async fn say(&self, id: i64, text: &str) {
        self.append((id, text.to_owned())).await.unwrap();
    }
}

#[derive(Clone)]
struct Notes {
    cache: Cache,
    db: SqlitePool,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Notes {
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "batch-note:<note.0>", value = note, batch = Self::save_notes)]
    async fn put(&self, note: (i64, String)) -> sqlx::Result<()>;

    async fn save_notes(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, String)]) -> sqlx::Result<()> {
        insert(tx, batch).await
    }
}

/// The error type of an application.
#[derive(Debug)]
struct AppError(String);

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<cache_runtime::Error> for AppError {
    fn from(error: cache_runtime::Error) -> Self {
        Self(error.to_string())
    }
}

#[derive(Clone)]
struct Own {
    cache: Cache,
    db: SqlitePool,
    panics: bool,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Own {
    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "own-note:<note.0>", value = note, batch = Self::save_own)]
    async fn put_own(&self, note: (i64, String)) -> Result<(), AppError>;

    async fn save_own(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, String)]) -> Result<(), AppError> {
        assert!(!self.panics || batch.iter().all(|(_, text)| text != "poison"), "poison");
        Ok(insert(tx, batch).await?)
    }
}

fn quick() -> Queue {
    Queue::memory().flush_every(Duration::from_millis(20))
}

/// A queue in the database that the process shares with others.
fn shared(db: &SqlitePool) -> Queue {
    Queue::sql(db).flush_every(Duration::from_millis(20))
}

fn release(queue: Queue) -> Cache {
    Cache::builder().namespace("batches").write_behind(queue).build_memory()
}

/// Two events of one key wait, the first of which has these arguments.
async fn two_events(db: &SqlitePool, first: &str) -> Journal {
    let old = Journal::over(release(shared(db).flush_elsewhere()), db);
    old.say(1, "first").await;
    old.say(1, "second").await;
    let changed = sqlx::query(
        "UPDATE cache_queue SET payload = CAST(? AS BLOB) WHERE id = (SELECT MIN(id) FROM cache_queue)",
    )
    .bind(first)
    .execute(db)
    .await
    .unwrap();
    assert_eq!(changed.rows_affected(), 1);
    old
}

#[tokio::test]
async fn a_batch_whose_commit_was_not_answered_is_written_once_also_beside_poison() {
    for poison in [false, true] {
        let (_file, db) = logging().await;
        let journal = Journal::over(release(quick()), &db);
        journal.unanswered.store(true, SeqCst);
        if poison {
            journal.say(1, "poison").await;
        }
        journal.say(2, "two").await;
        let Ok(flushed) = tokio::time::timeout(LONG, journal.cache.flush_all()).await else {
            panic!(
                "poison {poison}: {:?}, {:?}",
                log(&db).await,
                journal.cache.write_behind().status().await
            );
        };
        assert_eq!(flushed.is_err(), poison, "a dead letter");
        assert_eq!(log(&db).await, [(2, "two".to_owned())]);
    }
}

#[tokio::test]
async fn poison_is_found_whatever_the_type_of_the_error_and_if_it_panics() {
    for panics in [false, true] {
        let (_file, db) = logging().await;
        let own = Own { cache: release(quick().attempts(2)), db: db.clone(), panics };
        own.put_own((1, "poison".to_owned())).await.unwrap();
        // It counts as at fault when others pass that go with it.
        let end = Instant::now() + LONG;
        let mut next = 2;
        while own.cache.write_behind().dead_letters().await.unwrap().is_empty() {
            assert!(Instant::now() < end, "it is not found");
            own.put_own((next, "passes".to_owned())).await.unwrap();
            until_logged(&db, next).await;
            next += 1;
        }
        own.cache.flush_all().await.unwrap();
        let logged: Vec<i64> = log(&db).await.into_iter().map(|(id, _)| id).collect();
        assert_eq!(logged, (2..next).collect::<Vec<_>>(), "each once");
    }
}

#[tokio::test]
async fn writes_that_are_refused_hold_up_nothing_but_their_keys() {
    let (_file, db) = logging().await;
    let notes = Notes { cache: release(quick()), db: db.clone() };
    // However many are refused, what comes in between is written without their pauses, which grow.
    let (mut passed, mut refused) = (Vec::new(), 0);
    while notes.cache.write_behind().dead_letters().await.unwrap().len() < 8 {
        for _ in 0..10 {
            let id = 1_000 + i64::try_from(passed.len()).unwrap();
            notes.put((id, "passes".to_owned())).await.unwrap();
            passed.push(id);
        }
        refused += 1;
        notes.put((refused, "poison".to_owned())).await.unwrap();
        until_logged(&db, *passed.last().unwrap()).await;
        assert!(refused < 10_000, "nothing is given up");
    }
    let logged: Vec<i64> = log(&db).await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(logged, passed, "in order, each once");
}

#[tokio::test]
async fn a_long_backlog_of_a_function_whose_database_is_down_holds_up_nobody_else() {
    let (_file, db) = logging().await;
    let cache = release(quick());
    let journal = Journal::over(cache.clone(), &db);
    journal.down.store(true, SeqCst);
    for n in 0..2_100 {
        journal.say(n, "waits").await;
    }
    let notes = Notes { cache, db: db.clone() };
    notes.put((-1, "passes".to_owned())).await.unwrap();
    until_logged(&db, -1).await;
    assert_eq!(log(&db).await.len(), 1);
}

#[tokio::test]
async fn a_long_backlog_of_a_function_that_is_gone_holds_up_nobody_else() {
    let (_file, db) = logging().await;
    let old = Journal::over(release(shared(&db).flush_elsewhere()), &db);
    let calls = (0..2_100).map(|n| old.say(n, "is kept"));
    futures_util::future::join_all(calls).await;
    let notes = Notes { cache: release(shared(&db)), db: db.clone() };
    let _flusher = notes.cache.flusher().serve(notes.clone()).spawn();
    notes.put((-1, "passes".to_owned())).await.unwrap();
    until_logged(&db, -1).await;
    let waiting = notes.cache.write_behind().waiting().await.unwrap();
    assert!(waiting.iter().any(|kept| kept.writes == 2_100 && !kept.served_here), "{waiting:?}");
}

#[tokio::test]
async fn an_event_that_only_a_later_release_reads_is_not_overtaken() {
    let (_file, db) = logging().await;
    two_events(&db, r#"2 [1,"first"]"#).await;
    let new = Journal::over(release(shared(&db)), &db);
    let _flusher = new.cache.flusher().serve(new.clone()).spawn();
    new.say(2, "other").await;
    until_logged(&db, 2).await;
    // It was looked at more than once.
    new.say(3, "other").await;
    until_logged(&db, 3).await;
    assert!(log(&db).await.iter().all(|(id, _)| *id != 1));
}

#[tokio::test]
async fn an_event_that_nobody_can_read_halts_what_comes_after_it_if_the_queue_halts() {
    let (_file, db) = logging().await;
    two_events(&db, "1 {}").await;
    let new = Journal::over(release(shared(&db).halt_on_dead_letters()), &db);
    let _flusher = new.cache.flusher().serve(new.clone()).spawn();
    new.say(2, "other").await;
    until_logged(&db, 2).await;
    new.say(3, "other").await;
    until_logged(&db, 3).await;
    assert!(log(&db).await.iter().all(|(id, _)| *id != 1));
    let dead = new.cache.write_behind().dead_letters().await.unwrap();
    assert_eq!(dead.len(), 1);
}
