//! What each of two releases does: it reads and writes on the Redis they share, and reports what it saw.
//!
//! `release-n <redis url> <reads> <a write after so many reads>`; begins when a line arrives on its standard input, prints a line of JSON.

use cache_runtime::{Cache, store::Deadlines};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use std::{
    future::Future,
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

/// Products, most of them asked for seldom.
const IDS: u32 = 300;
const TASKS: u64 = 8;

/// The rows, which both releases write: one number for each, in the same Redis.
#[derive(Clone)]
pub(crate) struct Database(MultiplexedConnection);

#[derive(Debug)]
pub(crate) struct DbError(#[allow(dead_code, reason = "it is printed")] redis::RedisError);

impl Database {
    pub(crate) async fn version(&self, id: u32) -> Result<u64, DbError> {
        let version: Option<u64> = self.0.clone().hget("rows", id).await.map_err(DbError)?;
        Ok(version.unwrap_or(0))
    }

    pub(crate) async fn write(&self, id: u32) -> Result<u64, DbError> {
        self.0.clone().hincr("rows", id, 1).await.map_err(DbError)
    }
}

/// What a read returned.
pub(crate) struct Seen {
    pub(crate) version: u64,
    /// All of it is what the row of this version is to this release.
    pub(crate) right: bool,
}

/// A release: its own struct behind functions of the same names, templates and namespace.
pub(crate) trait Release: Clone + Send + Sync + 'static {
    fn read(&self, id: u32) -> impl Future<Output = Seen> + Send;
    fn change(&self, id: u32) -> impl Future<Output = u64> + Send;
}

pub(crate) async fn run<R: Release>(release: impl FnOnce(Cache, Database) -> R) {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, reads, write_after] = args.as_slice() else {
        eprintln!("usage: release-n <redis url> <reads> <a write after so many reads>");
        std::process::exit(2);
    };
    let (reads, write_after) = (reads.parse().expect("a number"), write_after.parse().expect("a number"));
    // Only what is read counts here, not how long a busy machine takes for it.
    let mut deadlines = Deadlines::default();
    deadlines.read = Duration::from_secs(10);
    deadlines.lease = Duration::from_secs(10);
    deadlines.fill = Duration::from_secs(10);
    deadlines.fence = Duration::from_secs(2);
    let cache =
        Cache::builder().namespace("shop").redis(url).deadlines(deadlines).build().await.expect("a cache");
    let client = redis::Client::open(url.as_str()).expect("a url");
    let database = Database(client.get_multiplexed_async_connection().await.expect("a connection"));
    let release = release(cache.clone(), database);
    println!("ready");
    std::io::stdin().lock().read_line(&mut String::new()).expect("a line");
    let acknowledged: Arc<Vec<AtomicU64>> = Arc::new((0..=IDS).map(|_| AtomicU64::new(0)).collect());
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (release, acknowledged) = (release.clone(), acknowledged.clone());
            tokio::spawn(one_task(release, acknowledged, task, reads, write_after))
        })
        .collect();
    let (mut wrong, mut writes) = (0, 0);
    for task in tasks {
        let (task_wrong, task_writes) = task.await.expect("no panic");
        wrong += task_wrong;
        writes += task_writes;
    }
    cache.settle().await;
    let stats = cache.stats();
    let find = stats.functions.iter().find(|f| f.template == "product:<id>").expect("it was called");
    println!(
        "{}",
        serde_json::json!({
            "reads": reads, "writes": writes, "wrong": wrong,
            "hits": find.shared_hits, "loads": find.loads,
            "unreadable": find.unreadable, "store_errors": find.store_errors,
        })
    );
}

/// This task's share of the reads, and a write after every so many: the same ids in every run.
async fn one_task<R: Release>(
    release: R,
    acknowledged: Arc<Vec<AtomicU64>>,
    task: u64,
    reads: u64,
    write_after: u64,
) -> (u64, u64) {
    let mut random = Random(task + 1);
    let (mut wrong, mut writes) = (0, 0);
    for read in 1..=reads / TASKS {
        let id = random.id();
        let known = acknowledged[id as usize].load(SeqCst);
        let seen = release.read(id).await;
        // A read begun after a write was acknowledged sees it.
        wrong += u64::from(!seen.right || seen.version < known);
        if read % write_after == 0 {
            let id = random.id();
            acknowledged[id as usize].fetch_max(release.change(id).await, SeqCst);
            writes += 1;
        }
    }
    (wrong, writes)
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An id from 1 to [`IDS`]; the `n`th is asked for about `1/n` times as often as the first.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn id(&mut self) -> u32 {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (f64::from(IDS).powf(share) as u32).clamp(1, IDS)
    }
}
