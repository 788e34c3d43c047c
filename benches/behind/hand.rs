//! What one would write by hand: row by row, batches in memory, and a queue in Redis.

use crate::{
    rows::{Db, Row},
    writers::{Flow, Writes},
};
use redis::{
    Script,
    aio::ConnectionManager,
    streams::{StreamId, StreamRangeReply},
};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

/// Rows of one statement.
const BATCH: usize = 1_000;
/// How often batches are written, and how long the queue's reader waits when there is nothing.
const EVERY: Duration = Duration::from_millis(5);
/// How many writes may wait.
const MOST: u64 = 100_000;
const STREAM: &str = "by-hand:queue";

/// A statement for each write.
pub(crate) struct Direct(pub(crate) Db);

impl Writes for Direct {
    fn write(&self, row: Row) -> Flow<'_, ()> {
        Box::pin(self.0.upsert(row))
    }

    fn drained(self: Arc<Self>) -> Flow<'static, ()> {
        Box::pin(async {})
    }
}

/// The last of each id, since a statement can't write a row twice.
fn last_of_each(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    rows.map(|row| (row.id, row)).collect::<HashMap<_, _>>().into_values().collect()
}

/// A channel, and a task that writes what came every few milliseconds; a write is acknowledged when its batch is committed.
pub(crate) struct Batches(mpsc::Sender<(Row, oneshot::Sender<()>)>);

impl Batches {
    pub(crate) fn new(db: Db) -> Self {
        let (sender, mut receiver) = mpsc::channel(10 * BATCH);
        tokio::spawn(async move {
            let mut every = tokio::time::interval(EVERY);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            let mut came = Vec::with_capacity(BATCH);
            loop {
                every.tick().await;
                if receiver.recv_many(&mut came, BATCH).await == 0 {
                    return;
                }
                let (rows, told): (Vec<Row>, Vec<oneshot::Sender<()>>) = came.drain(..).unzip();
                db.upsert_all(&last_of_each(rows.into_iter())).await;
                for tell in told {
                    let _ = tell.send(());
                }
            }
        });
        Self(sender)
    }
}

impl Writes for Batches {
    fn write(&self, row: Row) -> Flow<'_, ()> {
        Box::pin(async move {
            let (tell, told) = oneshot::channel();
            self.0.send((row, tell)).await.expect("the task runs");
            told.await.expect("the task runs");
        })
    }

    fn drained(self: Arc<Self>) -> Flow<'static, ()> {
        Box::pin(async {})
    }
}

/// A script that sets the value and appends to a stream, and a loop that reads, writes and deletes.
pub(crate) struct Stream {
    redis: ConnectionManager,
    script: Script,
    waiting: Arc<AtomicU64>,
    ending: Arc<AtomicBool>,
    drain: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Stream {
    /// Without a database nobody drains it.
    pub(crate) async fn new(url: &str, db: Option<Db>) -> Self {
        let client = redis::Client::open(url).expect("the server's own address is valid");
        let redis = client.get_connection_manager().await.expect("the server answers");
        let script = Script::new(
            "redis.call('SET', KEYS[1], ARGV[1])\nreturn redis.call('XADD', KEYS[2], '*', 'v', ARGV[1])",
        );
        let (waiting, ending) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let drain = db.map(|db| tokio::spawn(drain(redis.clone(), db, waiting.clone(), ending.clone())));
        Self { redis, script, waiting, ending, drain: std::sync::Mutex::new(drain) }
    }
}

impl Writes for Stream {
    fn write(&self, row: Row) -> Flow<'_, ()> {
        Box::pin(async move {
            while self.waiting.load(Ordering::Relaxed) > MOST && self.drain.lock().is_ok_and(|d| d.is_some())
            {
                tokio::time::sleep(EVERY).await;
            }
            self.waiting.fetch_add(1, Ordering::Relaxed);
            let json = serde_json::to_vec(&row).expect("a row is JSON");
            let mut redis = self.redis.clone();
            let mut call = self.script.key(format!("by-hand:row:{}", row.id));
            let sent: redis::RedisResult<redis::Value> =
                call.key(STREAM).arg(json).invoke_async(&mut redis).await;
            sent.expect("the server answers");
        })
    }

    fn drained(self: Arc<Self>) -> Flow<'static, ()> {
        self.ending.store(true, Ordering::Release);
        let drain = self.drain.lock().expect("nobody panics").take();
        Box::pin(async move {
            if let Some(drain) = drain {
                drain.await.expect("the loop doesn't panic");
            }
        })
    }
}

async fn drain(mut redis: ConnectionManager, db: Db, waiting: Arc<AtomicU64>, ending: Arc<AtomicBool>) {
    loop {
        let ends = ending.load(Ordering::Acquire);
        let mut read = redis::cmd("XRANGE");
        read.arg(STREAM).arg("-").arg("+").arg("COUNT").arg(BATCH);
        let StreamRangeReply { ids } = read.query_async(&mut redis).await.expect("the server answers");
        if ids.is_empty() {
            if ends {
                return;
            }
            tokio::time::sleep(EVERY).await;
            continue;
        }
        let row = |entry: &StreamId| {
            let json: Vec<u8> = entry.get("v").expect("every entry has a value");
            serde_json::from_slice(&json).expect("it is a row")
        };
        db.upsert_all(&last_of_each(ids.iter().map(row))).await;
        let mut delete = redis::cmd("XDEL");
        delete.arg(STREAM);
        for entry in &ids {
            delete.arg(&entry.id);
        }
        let deleted: u64 = delete.query_async(&mut redis).await.expect("the server answers");
        waiting.fetch_sub(deleted, Ordering::Relaxed);
    }
}
