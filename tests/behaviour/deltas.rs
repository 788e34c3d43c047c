//! What readers get while deltas wait in a queue of this process: every one of them once, whoever flushes meanwhile.

use crate::fixtures::{SqliteFile, eventually, others_run};
use cache_runtime::{Cache, CacheTx, Error, Queue, repository};
use serde::{Deserialize, Serialize};
use sqlx::{Sqlite, SqlitePool};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout};

const LONG: Duration = Duration::from_secs(20);
/// No wait for a flush ended so soon in vain.
const SHORT: Duration = Duration::from_secs(4);
/// A wait for something that moves, one for a flush, and what a busy machine takes.
const ONCE: Duration = Duration::from_secs(9);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    id: i64,
    n: i64,
}

/// Bodies and batches wait here.
struct Gate(Semaphore);

impl Gate {
    fn open(&self) {
        self.0.add_permits(1_000);
    }

    fn close(&self) {
        self.0.forget_permits(Semaphore::MAX_PERMITS);
    }

    async fn pass(&self) {
        self.0.acquire().await.expect("it is never closed for good").forget();
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self(Semaphore::new(1_000))
    }
}

#[derive(Default)]
struct Scene {
    bodies: AtomicU32,
    batches: AtomicU32,
    /// Bodies have read their row when they come to it; batches have still to write.
    body_gate: Gate,
    batch_gate: Gate,
    fails: AtomicBool,
    body_takes: Duration,
    batch_takes: Duration,
}

#[derive(Clone)]
struct Tallies {
    cache: Cache,
    db: SqlitePool,
    scene: Arc<Scene>,
}

/// Nobody can copy it.
struct Lens;

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Tallies {
    #[cached(strategy = "read_through", key = "sum-tally:<id>")]
    async fn tally(&self, id: i64) -> sqlx::Result<Option<Tally>> {
        self.load(id).await
    }

    #[cached(strategy = "read_through", key = "sum-tally:<id>", timeout = "10s", skip(lens))]
    async fn tally_through(&self, id: i64, lens: Lens) -> Result<Option<Tally>, Failed> {
        let Lens = lens;
        Ok(self.load(id).await?)
    }

    #[cached(strategy = "read_through", key = "sum-tally:<id>", timeout = "10s", skip(name))]
    async fn tally_named(&self, id: i64, name: &str) -> Result<Option<Tally>, Failed> {
        assert_eq!(name, "Ada");
        Ok(self.load(id).await?)
    }

    #[cached(strategy = "read_through", key = "sum-tally:<id>", flush_before(note))]
    async fn tally_after_notes(&self, id: i64) -> sqlx::Result<Option<Tally>> {
        self.load(id).await
    }

    #[cached(strategy = "refresh_ahead", key = "sum-tally:<id>", ttl = "1m", refresh_at = 0.5)]
    async fn tally_fresh(&self, id: i64) -> sqlx::Result<Option<Tally>> {
        self.load(id).await
    }

    #[cached(strategy = "read_through", key = "sum-tally:<id>", each(id in ids))]
    async fn tallies(&self, ids: &[i64]) -> sqlx::Result<HashMap<i64, Tally>> {
        let mut all = HashMap::new();
        for id in ids {
            all.extend(self.row(*id).await?.map(|tally| (*id, tally)));
        }
        self.scene.bodies.fetch_add(1, SeqCst);
        self.scene.body_gate.pass().await;
        Ok(all)
    }

    async fn load(&self, id: i64) -> sqlx::Result<Option<Tally>> {
        let row = self.row(id).await?;
        self.scene.bodies.fetch_add(1, SeqCst);
        tokio::time::sleep(self.scene.body_takes).await;
        self.scene.body_gate.pass().await;
        Ok(row)
    }

    async fn row(&self, id: i64) -> sqlx::Result<Option<Tally>> {
        let select = sqlx::query_scalar("SELECT n FROM tally WHERE id = ?").bind(id);
        Ok(select.fetch_optional(&self.db).await?.map(|n| Tally { id, n }))
    }

    #[cached(strategy = "write_behind", key = "sum-tally:<more.id>", merge = Self::sum, batch = Self::save)]
    async fn count(&self, more: Tally) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[Tally]) -> sqlx::Result<()> {
        self.scene.batches.fetch_add(1, SeqCst);
        self.scene.batch_gate.pass().await;
        tokio::time::sleep(self.scene.batch_takes).await;
        if self.scene.fails.load(SeqCst) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let add = "INSERT INTO tally VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = tally.n + excluded.n";
        for Tally { id, n } in batch {
            sqlx::query(add).bind(id).bind(n).execute(&mut ***tx).await?;
        }
        Ok(())
    }

    fn sum(one: Tally, more: Tally) -> Tally {
        assert!(more.n != 666, "it can't add that");
        Tally { n: one.n + more.n, ..one }
    }

    #[cached(strategy = "read_through", key = "sum-note:<id>")]
    async fn noted(&self, id: i64) -> sqlx::Result<i64> {
        Ok(id)
    }

    #[cached(strategy = "write_behind", key = "sum-note:<id>", value = note, unordered, batch = Self::save_notes)]
    async fn note(&self, id: i64, note: i64) -> sqlx::Result<()>;

    async fn save_notes(&self, batch: &[(i64, i64)]) -> sqlx::Result<()> {
        assert!(!batch.is_empty());
        Ok(())
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "tests that fail show it")]
struct Failed(String);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

/// Three rows of ten; nothing is flushed by itself.
async fn tallies(file: &SqliteFile, scene: Scene) -> Tallies {
    let db = file.pool().await;
    let rows = "CREATE TABLE tally (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO tally VALUES (1, 10), (2, 10), (3, 10)";
    sqlx::raw_sql(rows).execute(&db).await.unwrap();
    let queue = Queue::memory().flush_every(Duration::from_mins(10));
    let cache = Cache::builder().write_behind(queue).build_memory();
    Tallies { cache, db, scene: Arc::new(scene) }
}

impl Tallies {
    async fn add(&self, id: i64, n: i64) {
        self.count(Tally { id, n }).await.unwrap();
    }

    /// A batch has been taken, and waits.
    async fn begin_a_batch(&self) -> tokio::task::JoinHandle<()> {
        let cache = self.cache.clone();
        let flushing = tokio::spawn(async move { cache.flush_all().await.unwrap() });
        eventually("a batch begins", || self.scene.batches.load(SeqCst) > 0).await;
        flushing
    }

    async fn flush(&self) {
        timeout(LONG, self.cache.flush_all()).await.expect("nobody keeps it from flushing").unwrap();
    }
}

fn all_of(n: i64) -> HashMap<i64, Tally> {
    [1, 2, 3].map(|id| (id, Tally { id, n })).into()
}

#[tokio::test]
async fn a_reader_of_many_gets_the_deltas_of_each_although_the_database_fails() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene { fails: true.into(), ..Scene::default() }).await;
    for id in [1, 2, 3, 4] {
        tallies.add(id, 5).await;
    }
    let begun = Instant::now();
    assert_eq!(tallies.tallies(&[1, 2, 3]).await.unwrap(), all_of(15));
    let with_a_new_row: HashMap<_, _> = [(2, Tally { id: 2, n: 15 }), (4, Tally { id: 4, n: 5 })].into();
    assert_eq!(tallies.tallies(&[2, 4, 5]).await.unwrap(), with_a_new_row);
    assert!(begun.elapsed() < SHORT, "{:?}", begun.elapsed());
    let bypassing = Cache::bypass(tallies.tallies(&[1, 2, 3])).await;
    assert_eq!(bypassing.unwrap(), all_of(15));
    tallies.scene.fails.store(false, SeqCst);
    tallies.flush().await;
    assert_eq!(tallies.tallies(&[1, 2, 3]).await.unwrap(), all_of(15));
}

#[tokio::test]
async fn a_reader_of_many_waits_once_for_all_that_a_batch_holds() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene::default()).await;
    tallies.scene.batch_gate.close();
    for id in [1, 2, 3] {
        tallies.add(id, 5).await;
    }
    let flushing = tallies.begin_a_batch().await;
    let begun = Instant::now();
    assert_eq!(tallies.tallies(&[1, 2, 3]).await.unwrap(), all_of(15));
    assert!(begun.elapsed() < ONCE, "{:?}", begun.elapsed());
    tallies.scene.batch_gate.open();
    flushing.await.unwrap();
}

#[tokio::test]
async fn a_reader_of_many_counts_what_is_flushed_while_its_body_runs_once() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene::default()).await;
    for id in [1, 2, 3] {
        tallies.add(id, 5).await;
    }
    tallies.scene.body_gate.close();
    let read = tallies.clone();
    let reading = tokio::spawn(async move { read.tallies(&[1, 2, 3]).await.unwrap() });
    eventually("the body has read", || tallies.scene.bodies.load(SeqCst) == 1).await;
    tallies.flush().await;
    tallies.add(2, 5).await;
    tallies.scene.body_gate.open();
    let read = timeout(LONG, reading).await.expect("in time").unwrap();
    assert_eq!((read[&1].n, read[&2].n, read[&3].n), (15, 20, 15));
}

#[tokio::test]
async fn a_body_that_hangs_keeps_nobody_from_flushing() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene::default()).await;
    tallies.add(1, 5).await;
    tallies.scene.body_gate.close();
    let read = tallies.clone();
    let reading = tokio::spawn(async move { read.tally(1).await.unwrap() });
    eventually("the body has read", || tallies.scene.bodies.load(SeqCst) == 1).await;
    tallies.note(1, 1).await.unwrap();
    tallies.flush().await;
    others_run().await;
    assert!(!reading.is_finished());
    tallies.scene.body_gate.open();
    assert_eq!(timeout(LONG, reading).await.expect("in time").unwrap(), Some(Tally { id: 1, n: 15 }));
}

#[tokio::test]
async fn a_reader_that_flushes_first_does_not_wait_for_itself() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene::default()).await;
    tallies.add(1, 5).await;
    tallies.note(1, 1).await.unwrap();
    let begun = Instant::now();
    assert_eq!(tallies.tally_after_notes(1).await.unwrap(), Some(Tally { id: 1, n: 15 }));
    assert!(begun.elapsed() < SHORT, "{:?}", begun.elapsed());
    let waiting = tallies.cache.write_behind().waiting().await.unwrap();
    assert!(waiting.iter().all(|function| !function.function.ends_with("note")), "{waiting:?}");
}

#[tokio::test]
async fn a_sum_is_exact_although_batch_and_body_take_long() {
    let file = SqliteFile::new();
    let scene = Scene {
        body_takes: Duration::from_millis(1_500),
        batch_takes: Duration::from_millis(2_600),
        ..Scene::default()
    };
    let tallies = tallies(&file, scene).await;
    tallies.add(1, 5).await;
    let flushing = tallies.begin_a_batch().await;
    assert_eq!(tallies.tally(1).await.unwrap(), Some(Tally { id: 1, n: 15 }));
    flushing.await.unwrap();
}

/// What is pending when the body ends looks like what was pending when it began, and isn't.
#[tokio::test]
async fn what_is_flushed_while_a_body_runs_counts_once_although_as_much_is_added() {
    type Read = fn(Tallies) -> futures_util::future::BoxFuture<'static, Option<Tally>>;
    let readers: [(&str, Read); 4] = [
        ("plain", |tallies| Box::pin(async move { tallies.tally(1).await.unwrap() })),
        ("in time", |tallies| Box::pin(async move { tallies.tally_named(1, "Ada").await.unwrap() })),
        ("flushing", |tallies| Box::pin(async move { tallies.tally_after_notes(1).await.unwrap() })),
        ("refreshed", |tallies| Box::pin(async move { tallies.tally_fresh(1).await.unwrap() })),
    ];
    for (which, read) in readers {
        let file = SqliteFile::new();
        let tallies = tallies(&file, Scene::default()).await;
        tallies.add(1, 5).await;
        tallies.scene.body_gate.close();
        let reading = tokio::spawn(read(tallies.clone()));
        eventually("the body has read", || tallies.scene.bodies.load(SeqCst) == 1).await;
        tallies.flush().await;
        tallies.add(1, 5).await;
        tallies.scene.body_gate.open();
        let read = timeout(LONG, reading).await.expect("in time").unwrap();
        assert_eq!(read, Some(Tally { id: 1, n: 20 }), "{which}");
        assert_eq!(tallies.scene.bodies.load(SeqCst), 2, "{which}");
    }
}

#[tokio::test]
async fn a_body_whose_arguments_nobody_can_copy_runs_once() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene::default()).await;
    tallies.add(1, 5).await;
    assert_eq!(tallies.tally_through(1, Lens).await.unwrap(), Some(Tally { id: 1, n: 15 }));
    assert_eq!(tallies.scene.bodies.load(SeqCst), 1);
}

#[tokio::test]
async fn a_merge_that_panics_leaves_its_readers_what_the_database_has() {
    let file = SqliteFile::new();
    let tallies = tallies(&file, Scene::default()).await;
    tallies.add(1, 666).await;
    tallies.add(2, 5).await;
    assert_eq!(tallies.tally(1).await.unwrap(), Some(Tally { id: 1, n: 10 }));
    let read = tallies.tallies(&[1, 2]).await.unwrap();
    assert_eq!((read[&1].n, read[&2].n), (10, 15));
}
