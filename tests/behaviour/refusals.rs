//! Writes that are refused, or wait, because something acknowledged would be undone or given up; and what is acknowledged when nobody looks.

use crate::fixtures::{SqliteFile, dead_letters, eventually, others_run};
use cache_runtime::{Cache, CacheTx, ErrorKind, Queue, repository};
use sqlx::{Sqlite, SqlitePool};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

const LONG: Duration = Duration::from_secs(20);

#[derive(Clone, Debug)]
enum Failed {
    Cache(cache_runtime::Error),
    Refused,
}

impl Failed {
    fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Cache(error) => Some(error.kind()),
            Self::Refused => None,
        }
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl From<cache_runtime::Error> for Failed {
    fn from(error: cache_runtime::Error) -> Self {
        Self::Cache(error)
    }
}

#[derive(Clone)]
struct Marks {
    cache: Cache,
    rows: Arc<Mutex<BTreeMap<u32, i32>>>,
    /// Everything that was written, in order.
    log: Arc<Mutex<Vec<(u32, i32)>>>,
    /// Batches wait for it.
    gate: Arc<Semaphore>,
    batches: Arc<AtomicU32>,
    loads: Arc<AtomicU32>,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Marks {
    #[cached(strategy = "read_through", key = "mark:<id>")]
    async fn mark(&self, id: u32) -> Result<Option<i32>, Failed> {
        self.loads.fetch_add(1, SeqCst);
        Ok(self.row(id))
    }

    #[cached(strategy = "read_through", key = "mark:<id>", each(id in ids))]
    async fn marks(&self, ids: &[u32]) -> Result<BTreeMap<u32, i32>, Failed> {
        self.loads.fetch_add(1, SeqCst);
        Ok(ids.iter().filter_map(|id| Some((*id, self.row(*id)?))).collect())
    }

    #[cached(strategy = "write_around", key = "mark:<id>")]
    async fn set(&self, id: u32, mark: i32) -> Result<(), Failed> {
        self.write(id, mark)
    }

    #[cached(strategy = "write_around", key = "mark:<id>", each(id in ids))]
    async fn clear(&self, ids: &[u32]) -> Result<(), Failed> {
        ids.iter().try_for_each(|id| self.write(*id, 0))
    }

    #[cached(strategy = "write_behind", key = "mark:<id>", value = mark, unordered, batch = Self::save)]
    async fn put(&self, id: u32, mark: i32) -> Result<(), Failed>;

    #[cached(strategy = "write_behind", key = "event:<id>", value = mark, coalesce = false, unordered, batch = Self::save)]
    async fn append(&self, id: u32, mark: i32) -> Result<(), Failed>;

    async fn save(&self, batch: &[(u32, i32)]) -> Result<(), Failed> {
        self.batches.fetch_add(1, SeqCst);
        self.gate.acquire().await.expect("it is never closed").forget();
        batch.iter().try_for_each(|(id, mark)| self.write(*id, *mark))
    }
}

impl Marks {
    fn over(cache: Cache) -> Self {
        Self {
            cache,
            rows: Arc::default(),
            log: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            batches: Arc::default(),
            loads: Arc::default(),
        }
    }

    fn open(&self) {
        self.gate.add_permits(10_000);
    }

    fn row(&self, id: u32) -> Option<i32> {
        self.rows.lock().unwrap().get(&id).copied()
    }

    fn write(&self, id: u32, mark: i32) -> Result<(), Failed> {
        if mark < 0 {
            return Err(Failed::Refused);
        }
        self.rows.lock().unwrap().insert(id, mark);
        self.log.lock().unwrap().push((id, mark));
        Ok(())
    }
}

fn marks(queue: Queue) -> Marks {
    Marks::over(Cache::builder().write_behind(queue).build_memory())
}

#[tokio::test(start_paused = true)]
async fn a_direct_write_that_a_batch_under_way_would_undo_is_refused() {
    let marks = marks(Queue::memory());
    marks.put(1, 1).await.unwrap();
    eventually("a batch is under way", || marks.batches.load(SeqCst) == 1).await;
    let refused = marks.set(1, 2).await.unwrap_err();
    assert_eq!(refused.kind(), Some(ErrorKind::Undrained), "{refused}");
    assert_eq!(marks.mark(1).await.unwrap(), Some(1), "what was acknowledged is still shown");
    marks.open();
    marks.set(1, 2).await.unwrap();
    marks.cache.flush_all().await.unwrap();
    assert_eq!((marks.row(1), marks.mark(1).await.unwrap()), (Some(2), Some(2)));
    assert!(dead_letters(&marks.cache).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_direct_write_of_many_keys_waits_in_vain_only_once() {
    let marks = marks(Queue::memory());
    for id in 1..=20 {
        marks.put(id, 1).await.unwrap();
    }
    eventually("a batch is under way", || marks.batches.load(SeqCst) == 1).await;
    let begun = Instant::now();
    let ids: Vec<u32> = (1..=20).collect();
    assert_eq!(marks.clear(&ids).await.unwrap_err().kind(), Some(ErrorKind::Undrained));
    assert!(begun.elapsed() < Duration::from_secs(8), "it took {:?}", begun.elapsed());
    marks.open();
    marks.cache.flush_all().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_direct_write_to_a_halted_key_is_refused_at_once() {
    let marks = marks(Queue::memory().attempts(1).halt_on_dead_letters());
    marks.open();
    marks.put(1, -5).await.unwrap();
    marks.put(2, 5).await.unwrap();
    eventually("it is given up", || dead_letters(&marks.cache).len() == 1).await;
    let begun = Instant::now();
    let refused = marks.set(1, 9).await.unwrap_err();
    assert_eq!(refused.kind(), Some(ErrorKind::Halted), "{refused}");
    assert_eq!(marks.clear(&[2, 1]).await.unwrap_err().kind(), Some(ErrorKind::Halted));
    assert!(begun.elapsed() < Duration::from_secs(1), "it waited for {:?}", begun.elapsed());
    assert_eq!((marks.row(1), marks.mark(1).await.unwrap()), (None, Some(-5)));
    let dead = dead_letters(&marks.cache);
    assert!(marks.cache.write_behind().discard(&dead[0]).await.unwrap());
    marks.set(1, 9).await.unwrap();
    assert_eq!(marks.mark(1).await.unwrap(), Some(9));
}

#[tokio::test(start_paused = true)]
async fn a_flush_does_not_wait_for_what_is_halted() {
    let marks = marks(Queue::memory().attempts(1).halt_on_dead_letters());
    for mark in [-5, 6, 7] {
        marks.append(1, mark).await.unwrap();
    }
    marks.append(2, 5).await.unwrap();
    marks.open();
    eventually("it is given up", || dead_letters(&marks.cache).len() == 1).await;
    timeout(LONG, marks.cache.flush_all()).await.expect("it waits for a halted key").unwrap();
    assert_eq!(*marks.log.lock().unwrap(), [(2, 5)]);
    assert_eq!(marks.cache.write_behind().status().await.unwrap().pending, 2);
    let dead = dead_letters(&marks.cache);
    assert!(marks.cache.write_behind().discard(&dead[0]).await.unwrap());
    timeout(LONG, marks.cache.flush_all()).await.expect("it is flushed").unwrap();
    assert_eq!(*marks.log.lock().unwrap(), [(2, 5), (1, 6), (1, 7)]);
}

#[tokio::test(start_paused = true)]
async fn events_under_back_pressure_are_not_given_up() {
    let marks = marks(Queue::memory().max_pending(5).batch(1));
    for id in 1..=5 {
        marks.append(id, 0).await.unwrap();
    }
    eventually("a batch is under way", || marks.batches.load(SeqCst) == 1).await;
    let refused = marks.append(5, 1).await.unwrap_err();
    assert_eq!(refused.kind(), Some(ErrorKind::QueueFull), "{refused}");
    assert_eq!(marks.log.lock().unwrap().len(), 0);
    let call = tokio::spawn({
        let marks = marks.clone();
        async move { marks.append(5, 2).await }
    });
    others_run().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!call.is_finished(), "it waits for what is pending for its key");
    marks.open();
    call.await.unwrap().unwrap();
    marks.cache.flush_all().await.unwrap();
    assert!(dead_letters(&marks.cache).is_empty());
    let expected = [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (5, 2)];
    assert_eq!(*marks.log.lock().unwrap(), expected, "what was accepted, in order, and nothing else");
}

#[derive(Clone)]
struct Sums {
    cache: Cache,
    db: SqlitePool,
    down: Arc<AtomicBool>,
}

#[repository(cache = self.cache, db = self.db, ttl = "5m")]
impl Sums {
    fn add(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
        assert!(a.1 + b.1 < 1_000, "it can't add so much");
        (a.0, a.1 + b.1)
    }

    #[cached(strategy = "read_through", key = "refused-sum:<id>")]
    async fn sum(&self, id: i64) -> sqlx::Result<Option<(i64, i64)>> {
        let select = sqlx::query_as("SELECT id, v FROM sum WHERE id = ?").bind(id);
        select.fetch_optional(&self.db).await
    }

    #[cached(strategy = "write_behind", key = "refused-sum:<d.0>", merge = Self::add, batch = Self::save)]
    async fn count(&self, d: (i64, i64)) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Sqlite>, batch: &[(i64, i64)]) -> sqlx::Result<()> {
        if self.down.load(SeqCst) {
            return Err(sqlx::Error::PoolTimedOut);
        }
        for (id, v) in batch {
            let add = "INSERT INTO sum VALUES (?, ?) ON CONFLICT DO UPDATE SET v = v + excluded.v";
            sqlx::query(add).bind(id).bind(v).execute(&mut ***tx).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn deltas_under_back_pressure_are_counted_once() {
    let file = SqliteFile::new();
    let db = file.pool().await;
    sqlx::raw_sql("CREATE TABLE sum (id INTEGER PRIMARY KEY, v INTEGER)").execute(&db).await.unwrap();
    let queue = Queue::memory().max_pending(5).flush_every(Duration::from_millis(5));
    let cache = Cache::builder().write_behind(queue).build_memory();
    let sums = Sums { cache: cache.clone(), db: db.clone(), down: Arc::new(true.into()) };
    for id in 1..=5 {
        sums.count((id, 1)).await.unwrap();
    }
    let error = sums.count((5, 10)).await.unwrap_err().to_string();
    assert!(error.contains("the write-behind queue is full"), "{error}");
    sums.down.store(false, SeqCst);
    let calls = (0..6).map(|_| sums.count((5, 100)));
    let accepted = futures_util::future::join_all(calls).await;
    assert!(accepted.iter().all(Result::is_ok), "{accepted:?}");
    cache.flush_all().await.unwrap();
    assert!(dead_letters(&cache).is_empty());
    assert_eq!(sums.sum(5).await.unwrap(), Some((5, 601)));
}

#[tokio::test]
async fn deltas_whose_merge_panics_are_written_one_by_one() {
    let file = SqliteFile::new();
    let db = file.pool().await;
    sqlx::raw_sql("CREATE TABLE sum (id INTEGER PRIMARY KEY, v INTEGER)").execute(&db).await.unwrap();
    let queue = Queue::memory().flush_every(Duration::from_millis(5));
    let cache = Cache::builder().write_behind(queue).build_memory();
    let sums = Sums { cache: cache.clone(), db: db.clone(), down: Arc::new(true.into()) };
    for delta in [(1, 600), (1, 700), (2, 1)] {
        sums.count(delta).await.unwrap();
    }
    sums.down.store(false, SeqCst);
    cache.flush_all().await.unwrap();
    assert_eq!((sums.sum(1).await.unwrap(), sums.sum(2).await.unwrap()), (Some((1, 1300)), Some((2, 1))));
    assert!(dead_letters(&cache).is_empty());
}

#[tokio::test]
async fn what_is_read_while_the_queue_does_not_answer_is_not_kept() {
    let file = SqliteFile::new();
    let db = file.pool().await;
    let marks = marks(Queue::sql(&db));
    marks.open();
    marks.put(1, 1).await.unwrap();
    marks.cache.flush_all().await.unwrap();
    marks.mark_entry(1).invalidate().await;
    db.close().await;
    assert_eq!(marks.mark(1).await.unwrap(), Some(1), "it is what the database has");
    marks.write(1, 2).unwrap();
    assert_eq!(marks.mark(1).await.unwrap(), Some(2), "it was kept, and something newer may be acknowledged");
    assert_eq!(marks.marks(&[1]).await.unwrap(), BTreeMap::from([(1, 2)]));
    marks.write(1, 3).unwrap();
    assert_eq!(marks.marks(&[1]).await.unwrap(), BTreeMap::from([(1, 3)]));
    assert_eq!(marks.mark_entry(1).refresh().await.unwrap(), Some(3));
    marks.write(1, 4).unwrap();
    assert_eq!(marks.mark(1).await.unwrap(), Some(4));
    assert_eq!(marks.set(1, 5).await.unwrap_err().kind(), Some(ErrorKind::Undrained));
}

#[tokio::test]
async fn a_write_whose_caller_has_left_is_flushed() {
    let file = SqliteFile::new();
    let (db, other) = (file.pool().await, file.pool().await);
    let marks = marks(Queue::sql(&db).flush_every(Duration::from_millis(5)));
    marks.open();
    marks.put(1, 1).await.unwrap();
    eventually("it is flushed", || marks.row(1) == Some(1)).await;
    // Nothing waits, so the flusher rests, and the repository is nobody's but this test's.
    eventually("the flusher rests", || Arc::strong_count(&marks.rows) == 1).await;
    let mut busy = other.acquire().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut *busy).await.unwrap();
    let call = tokio::spawn({
        let marks = marks.clone();
        async move { marks.put(1, 2).await }
    });
    // Somebody waits for the other's transaction, and is neither the reading flusher nor gone a moment later.
    let mut seen = 0;
    eventually("the write is on its way", || {
        seen = if db.size() as usize > db.num_idle() { seen + 1 } else { 0 };
        seen > 100
    })
    .await;
    call.abort();
    assert!(call.await.is_err(), "the caller has left");
    // The flusher looks, and finds nothing yet.
    tokio::time::sleep(Duration::from_millis(100)).await;
    sqlx::raw_sql("COMMIT").execute(&mut *busy).await.unwrap();
    eventually("it is flushed", || marks.row(1) == Some(2)).await;
}

#[tokio::test]
async fn a_shutdown_gives_the_claims_back() {
    let file = SqliteFile::new();
    let db = file.pool().await;
    let first = marks(Queue::sql(&db).flush_every(Duration::from_millis(5)));
    let flusher = first.cache.flusher().serve(first.clone()).spawn();
    first.open();
    first.put(1, 1).await.unwrap();
    assert_eq!(first.cache.shutdown().await.unwritten, 0);
    let held = sqlx::query_scalar("SELECT COUNT(*) FROM cache_lines WHERE holder <> ''");
    let held: i64 = held.fetch_one(&db).await.unwrap();
    assert_eq!(held, 0);
    drop(flusher);
}
