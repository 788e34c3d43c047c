//! A repository that writes events behind, its databases, and its queues.

use cache_runtime::{Cache, CacheTx, Queue, repository, store::Deadlines};
use serde::{Deserialize, Serialize};
use sqlx::{Any, AnyPool, Executor as _, any::AnyPoolOptions};
use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};
use test_servers::{Fsync, Redis};

/// How long anything may take that only a mistake keeps from happening.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) number: i64,
}

/// Events of some rows.
#[derive(Clone, Debug)]
pub(crate) struct Notes {
    pub(crate) db: AnyPool,
    pub(crate) cache: Cache,
    pub(crate) gate: Arc<Gate>,
}

/// Where a flusher stands still, with everything else on its thread.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Option<(Sender<()>, Receiver<()>)>>);

impl Gate {
    /// Closes it for the next who comes; the first end says that somebody has come, the second lets them pass.
    pub(crate) fn close(&self) -> (Receiver<()>, Sender<()>) {
        let ((came, has_come), (pass, may_pass)) = (channel(), channel());
        *self.0.lock().unwrap() = Some((came, may_pass));
        (has_come, pass)
    }

    fn pass(&self) {
        let closed = self.0.lock().unwrap().take();
        if let Some((came, may_pass)) = closed {
            came.send(()).unwrap();
            let _ = may_pass.recv();
        }
    }
}

#[repository(cache = self.cache, db = self.pool(), ttl = "1h", negative_ttl = "1h")]
impl Notes {
    #[cached(strategy = "read_through", key = "note:<id>")]
    pub(crate) async fn last(&self, id: i64) -> sqlx::Result<Option<Note>> {
        let last = "SELECT number FROM notes WHERE id = $1 ORDER BY place DESC LIMIT 1";
        let number: Option<i64> = sqlx::query_scalar(last).bind(id).fetch_optional(&self.db).await?;
        Ok(number.map(|number| Note { id, number }))
    }

    #[cached(strategy = "write_behind", key = "note:<note.id>", value = note, coalesce = false, batch = Self::save)]
    pub(crate) async fn add(&self, note: Note) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Note]) -> sqlx::Result<()> {
        for note in batch {
            let insert = sqlx::query("INSERT INTO notes (id, number) VALUES ($1, $2)");
            insert.bind(note.id).bind(note.number).execute(&mut ***tx).await?;
        }
        Ok(())
    }
}

impl Notes {
    /// A process of its own, as far as the queue can tell.
    pub(crate) async fn new(db: &AnyPool, queue: Queue, redis: Option<&Redis>) -> Self {
        Self::at(db, queue, redis.map(Redis::url)).await
    }

    /// The same, with the address of Redis.
    pub(crate) async fn at(db: &AnyPool, queue: Queue, redis: Option<String>) -> Self {
        let builder = Cache::builder().namespace("notes").write_behind(queue);
        let builder = match redis {
            Some(url) => builder.redis(url).deadlines(patient()),
            None => builder,
        };
        Self { db: db.clone(), cache: builder.build().await.unwrap(), gate: Arc::default() }
    }

    /// Asked for when the transaction of a batch is about to begin.
    fn pool(&self) -> &AnyPool {
        self.gate.pass();
        &self.db
    }

    pub(crate) async fn write(&self, id: i64, number: i64) -> sqlx::Result<()> {
        self.add(Note { id, number }).await
    }

    /// Waits until the database has everything.
    pub(crate) async fn flush(&self) {
        tokio::time::timeout(PATIENCE, self.cache.flush_all()).await.expect("it is flushed in time").unwrap();
    }

    pub(crate) async fn pending(&self) -> u64 {
        self.cache.write_behind().status().await.unwrap().pending
    }
}

/// What the database has of a row, in the order in which it was written.
pub(crate) async fn written(db: &AnyPool, id: i64) -> Vec<i64> {
    let numbers = sqlx::query_scalar("SELECT number FROM notes WHERE id = $1 ORDER BY place");
    numbers.bind(id).fetch_all(db).await.unwrap()
}

/// A connection to a database, with the table.
pub(crate) async fn database(url: &str) -> AnyPool {
    sqlx::any::install_default_drivers();
    let sqlite = url.starts_with("sqlite:");
    let options = AnyPoolOptions::new().max_connections(5).acquire_timeout(Duration::from_secs(2));
    let options = options.after_connect(move |connection, _| {
        Box::pin(async move {
            if sqlite {
                connection.execute("PRAGMA journal_mode = WAL").await?;
                connection.execute("PRAGMA busy_timeout = 20000").await?;
            }
            Ok(())
        })
    });
    let db = options.connect(url).await.unwrap();
    let place = if sqlite { "INTEGER PRIMARY KEY AUTOINCREMENT" } else { "BIGSERIAL PRIMARY KEY" };
    let table = format!(
        "CREATE TABLE IF NOT EXISTS notes (place {place}, id BIGINT NOT NULL, number BIGINT NOT NULL)"
    );
    db.execute(sqlx::AssertSqlSafe(table)).await.unwrap();
    db
}

/// A file for a database, gone when it is dropped.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let folder = format!("cache-guarantees-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}/notes.db?mode=rwc", self.0.display())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A Redis that is fit for this level.
pub(crate) async fn redis(fsync: Fsync) -> Redis {
    Redis::builder().appendonly(fsync).start().await
}

/// The queue of that level.
pub(crate) fn in_redis(fsync: Fsync) -> Queue {
    if fsync == Fsync::Always { Queue::redis_fsync() } else { Queue::redis() }
}

/// Polls until it holds.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A busy machine is no fault.
fn patient() -> Deadlines {
    let mut deadlines = Deadlines::default();
    let patient = Duration::from_secs(10);
    (deadlines.read, deadlines.lease, deadlines.fill) = (patient, patient, patient);
    deadlines.fence = Duration::from_secs(2);
    deadlines
}
