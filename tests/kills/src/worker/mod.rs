//! What a worker process does: it calls write-behind functions and says so, and flushes.

mod hooks;
mod log;
mod orders;
mod repository;

pub(crate) use orders::{Mode, Orders, WORKER};

use crate::{
    clock::now,
    database,
    words::{Act, Function, Point, QueueKind},
};
use cache_runtime::{Cache, ErrorKind, Queue, store::Deadlines};
use hooks::Hooks;
use log::Log;
use repository::{Delta, Row, Rows};
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, stdin},
    runtime,
    task::JoinSet,
};

const NAMESPACE: &str = "kills";
/// How many numbers each process has for its calls.
pub(crate) const NUMBERS: i64 = 1_000_000;
/// How long a process that drains looks at what is left.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Clone)]
struct Worker {
    rows: Rows,
    log: Arc<Log>,
    next: Arc<AtomicI64>,
}

/// Works until the harness says that it is enough, or is gone.
pub(crate) fn run(orders: &Orders) -> Result<(), Box<dyn Error>> {
    // Also when this process stands still it must not outlive the harness.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(work(orders))
}

async fn work(orders: &Orders) -> Result<(), Box<dyn Error>> {
    let log = Arc::new(Log);
    let db = database::open(&orders.database, 8)?;
    let cache = cache(orders).await?;
    let hooks = Arc::new(Hooks::new(orders.database.clone(), log.clone()));
    let rows = Rows::new(db, cache.clone(), hooks.clone());
    let flusher = (orders.mode != Mode::Hold).then(|| cache.flusher().serve(rows.clone()).spawn());
    let next = Arc::new(AtomicI64::new(orders.process * NUMBERS));
    let worker = Worker { rows, log: log.clone(), next };
    if orders.mode == Mode::Drain {
        drain(&cache, &log).await;
        return Ok(());
    }
    log.say(format_args!("ready"));
    obey(&worker, &hooks, &cache).await;
    drop(flusher);
    Ok(())
}

/// The cache under test.
async fn cache(orders: &Orders) -> Result<Cache, Box<dyn Error>> {
    let queue = match orders.queue {
        QueueKind::RedisFsync => Queue::redis_fsync(),
        QueueKind::Redis => Queue::redis(),
        QueueKind::Sql => Queue::sql(&database::open(&orders.queue_database, 8)?),
        QueueKind::Memory => Queue::memory(),
    };
    let queue = queue.flush_every(Duration::from_millis(15)).claim_lease(orders.lease);
    let queue = if orders.mode == Mode::Hold { queue.flush_elsewhere() } else { queue };
    let builder = Cache::builder().namespace(NAMESPACE).write_behind(queue);
    let redis = matches!(orders.queue, QueueKind::RedisFsync | QueueKind::Redis);
    let builder = if redis { builder.redis(orders.redis.as_str()).deadlines(patient()) } else { builder };
    Ok(builder.build().await?)
}

/// A busy machine is no fault.
fn patient() -> Deadlines {
    let mut deadlines = Deadlines::default();
    let patient = Duration::from_secs(10);
    (deadlines.read, deadlines.lease, deadlines.fill) = (patient, patient, patient);
    deadlines.fence = Duration::from_secs(2);
    deadlines
}

/// Flushes until nothing is left.
async fn drain(cache: &Cache, log: &Log) {
    let begun = Instant::now();
    let mut pending = u64::MAX;
    while begun.elapsed() < PATIENCE {
        let _ = tokio::time::timeout(Duration::from_secs(1), cache.flush_all()).await;
        pending = cache.write_behind().status().await.map_or(u64::MAX, |status| status.pending);
        if pending == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let dead = cache.write_behind().dead_letters().await.unwrap_or_default();
    for letter in &dead {
        log.say(format_args!("E dead letter of {}: {} {}", letter.function, letter.arguments, letter.error));
    }
    for waiting in cache.write_behind().waiting().await.unwrap_or_default() {
        log.say(format_args!("E {} writes of {} wait", waiting.writes, waiting.function));
    }
    log.say(format_args!("F {pending} {}", dead.len()));
}

async fn obey(worker: &Worker, hooks: &Hooks, cache: &Cache) {
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["burst", numbers @ ..] => {
                let numbers: Vec<i64> = numbers.iter().filter_map(|word| word.parse().ok()).collect();
                if let [base, keys, count, writers, seed] = *numbers.as_slice() {
                    let worker = worker.clone();
                    tokio::spawn(async move { worker.burst(base, keys, count, writers, seed).await });
                }
            }
            ["tell", point, act] => {
                let act = if *act == "die" { Act::Die } else { Act::Halt };
                hooks.tell(Point::named(point).map(|point| (point, act)));
            }
            ["forget"] => hooks.tell(None),
            ["go"] => hooks.go.notify_one(),
            ["flush"] => {
                let (cache, log) = (cache.clone(), worker.log.clone());
                tokio::spawn(async move { drain(&cache, &log).await });
            }
            _ => return,
        }
    }
}

impl Worker {
    /// Calls functions from several tasks, and says when all have returned.
    async fn burst(self, base: i64, keys: i64, count: i64, writers: i64, seed: i64) {
        let mut tasks = JoinSet::new();
        for writer in 0..writers {
            let (worker, mut random) =
                (self.clone(), fastrand::Rng::with_seed((seed + writer).cast_unsigned()));
            tasks.spawn(async move {
                for _ in 0..count {
                    worker.call(base + random.i64(0..keys), &mut random).await;
                    if random.bool() {
                        tokio::time::sleep(Duration::from_micros(random.u64(0..3_000))).await;
                    }
                }
            });
        }
        while tasks.join_next().await.is_some() {}
        self.log.say(format_args!("."));
    }

    async fn call(&self, id: i64, random: &mut fastrand::Rng) {
        let function = Function::ALL[random.usize(..Function::ALL.len())];
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let amount = random.i64(1..1_000);
        self.log.say(format_args!("b {number} {function} {id} {amount} {}", now()));
        let row = Row { id, number };
        let done = match function {
            Function::Put => self.rows.put(row).await,
            Function::Mark => self.rows.mark(row).await,
            Function::Unmark => self.rows.unmark(row).await,
            Function::Append => self.rows.append(row).await,
            Function::Add => self.rows.add(Delta { id, amount }).await,
            Function::Loose => self.rows.loose(row).await,
        };
        match done {
            Ok(()) => {
                self.log.say(format_args!("a {number} {}", now()));
                self.rows.hooks().at(Point::Acknowledged);
            }
            Err(error) if is_refused(&error) => self.log.say(format_args!("n {number} {}", now())),
            Err(error) => {
                self.log.say(format_args!("u {number} {}", now()));
                self.log.say(format_args!("D {error}"));
            }
        }
    }
}

/// Whether the cache says for certain that it did not accept the write.
fn is_refused(error: &sqlx::Error) -> bool {
    let sqlx::Error::Io(error) = error else { return false };
    let error = error.get_ref().and_then(|error| error.downcast_ref::<cache_runtime::Error>());
    error.is_some_and(|error| {
        let refused = [ErrorKind::NoQueue, ErrorKind::QueueDown, ErrorKind::Halted, ErrorKind::Closed];
        refused.contains(&error.kind())
    })
}
