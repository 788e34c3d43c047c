//! What a worker process does: it reads and writes hot rows through a cache, and says everything it does.

mod bugs;
mod log;
mod orders;
mod registers;
mod store;

pub(crate) use bugs::Bug;
pub(crate) use orders::{Orders, WORKER};

use crate::{
    clock::now,
    database,
    event::{Kind, Outcome, Seen, What},
    words::{Level, Via},
};
use bugs::Spoiler;
use cache_runtime::{
    Cache, Clock, ClockHands,
    store::{Deadlines, RedisOptions, RedisStore},
};
use log::Log;
use registers::{Committed, Registers};
use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use store::Watched;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, stdin},
    runtime::{self, Handle},
    task::JoinSet,
};

const NAMESPACE: &str = "audit";
const READERS: u16 = 8;
const WRITERS: u32 = 2;
/// One write in so many is given up by its caller. Each closes its row to the cache for ten seconds, so there must be few.
const GIVEN_UP: u32 = 1_000;
/// One write in so many removes the row.
const REMOVALS: u32 = 20;

/// A worker at work.
#[derive(Clone)]
struct Worker {
    orders: Arc<Orders>,
    registers: Registers,
    log: Arc<Log>,
    writes: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

/// Works until the auditor says that it is enough, or is gone.
pub(crate) fn run(orders: Orders) -> Result<(), Box<dyn Error>> {
    // Also when this process stands still it must not outlive the auditor.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(work(orders))
}

async fn work(orders: Orders) -> Result<(), Box<dyn Error>> {
    let log = Arc::new(Log::on_stdout()?);
    let (clock, hands) = clock(orders.skewed);
    let db = database::open(&orders.database, 12)?;
    let cache = cache(&orders, &log, clock).await?;
    let registers = Registers::new(&db, &cache, orders.fence);
    let over = Arc::new(AtomicBool::new(false));
    let orders = Arc::new(orders);
    let worker = Worker { orders, registers, log, writes: Arc::default(), over };
    let mut tasks = JoinSet::new();
    for reader in 0..READERS {
        tasks.spawn(worker.clone().read(reader));
    }
    for _ in 0..WRITERS {
        tasks.spawn(worker.clone().write());
    }
    tasks.spawn(worker.clone().report(cache.clone()));
    obey(hands).await;
    worker.over.store(true, Ordering::Relaxed);
    let all = async { while tasks.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(Duration::from_secs(10), all).await;
    let _ = tokio::time::timeout(Duration::from_secs(2), cache.shutdown()).await;
    Ok(())
}

/// The cache under audit.
async fn cache(orders: &Orders, log: &Arc<Log>, clock: Clock) -> Result<Cache, Box<dyn Error>> {
    let options = RedisOptions::new(&orders.redis, NAMESPACE)?;
    let redis = Arc::new(RedisStore::new(options, runtime_of_the_store()?));
    let spoiler = match orders.bug {
        Some(bug) => {
            let client = redis::Client::open(orders.redis.as_str())?;
            Some(Spoiler::new(bug, client, redis.keys().clone()))
        }
        None => None,
    };
    let mut deadlines = Deadlines::default();
    if orders.patient {
        let patient = Duration::from_secs(10);
        (deadlines.read, deadlines.lease, deadlines.fill) = (patient, patient, patient);
        // Strict writes give signs of life in time: a fourth of what their announcement lasts.
        (deadlines.fence, deadlines.pulse) = (patient / 4, patient);
    }
    let store = Watched::new(redis, log.clone(), spoiler);
    let mut builder = Cache::builder().namespace(NAMESPACE).store(store).deadlines(deadlines).clock(clock);
    if let Some(lag) = orders.l1 {
        builder = builder.l1_max_lag(lag);
    }
    Ok(builder.build().await?)
}

/// The cache gives a store of its own making a thread of its own; so does the auditor.
fn runtime_of_the_store() -> std::io::Result<Handle> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}

/// The clock of the cache; one that can be made to jump runs like the real one otherwise.
fn clock(skewed: bool) -> (Clock, Option<ClockHands>) {
    if !skewed {
        return (Clock::system(), None);
    }
    let (clock, hands) = Clock::manual();
    let ticking = hands.clone();
    thread::spawn(move || {
        let begun = Instant::now();
        let mut shown = Duration::ZERO;
        loop {
            thread::sleep(Duration::from_millis(1));
            let whole = Duration::from_millis(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
            ticking.advance(whole.saturating_sub(shown));
            shown = whole;
        }
    });
    (clock, Some(hands))
}

/// Does what the auditor says, line by line, until it says `stop` or nothing any more.
async fn obey(hands: Option<ClockHands>) {
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match line.split_once(' ') {
            Some(("skew", millis)) => {
                if let (Some(hands), Ok(millis)) = (&hands, millis.parse()) {
                    hands.advance(Duration::from_millis(millis));
                }
            }
            _ => return,
        }
    }
}

impl Worker {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn level(&self) -> Level {
        let levels = &self.orders.levels;
        levels[fastrand::usize(..levels.len())]
    }

    /// Some rows are hotter than others.
    fn key(&self) -> u16 {
        let keys = self.orders.keys;
        if fastrand::bool() { fastrand::u16(..keys) } else { fastrand::u16(..keys.div_ceil(4)) }
    }

    /// Reads, one row after the other.
    async fn read(self, reader: u16) {
        let via = if self.orders.l1.is_some() { Via::L1 } else { Via::L2 };
        let near = self.orders.l1.is_some_and(|lag| lag >= registers::NEAR);
        let pause = Duration::from_secs(1) * u32::from(READERS) / self.orders.reads.max(1);
        let mut ticks = tokio::time::interval(pause.max(Duration::from_micros(100)));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !self.is_over() {
            ticks.tick().await;
            let (level, key) = (self.level(), self.key());
            let begin = now();
            let seen = match self.registers.get(level, key, near).await {
                Ok(Some(row)) => {
                    Seen::Row { version: row.version.cast_unsigned(), token: row.token.cast_unsigned() }
                }
                Ok(None) => Seen::Absent,
                Err(_) => Seen::Failed,
            };
            self.log.say(What::Read { level, via, key, reader, begin, seen });
        }
    }

    /// Writes, now and then.
    async fn write(self) {
        let pause = Duration::from_secs(1) * WRITERS / self.orders.writes.max(1);
        while !self.is_over() {
            tokio::time::sleep(pause.mul_f64(2.0 * fastrand::f64())).await;
            let (level, key) = (self.level(), self.key());
            let kind = if fastrand::u32(..REMOVALS) == 0 { Kind::Remove } else { Kind::Put };
            let number = self.writes.fetch_add(1, Ordering::Relaxed);
            let token = u64::from(self.orders.process) << 40 | (number + 1);
            self.log.say(What::Invoked { level, key, token, kind });
            let outcome = self.change(level, kind, key, token).await;
            self.log.say(What::Ended { level, key, token, outcome });
        }
    }

    async fn change(&self, level: Level, kind: Kind, key: u16, token: u64) -> Outcome {
        let committed = Committed::new(0);
        let call = self.registers.change(level, kind, key, token.cast_signed(), &committed);
        let returned = if fastrand::u32(..GIVEN_UP) == 0 {
            let patience = Duration::from_micros(fastrand::u64(0..3_000));
            match tokio::time::timeout(patience, call).await {
                Ok(returned) => returned,
                Err(_) => return Outcome::Unknown,
            }
        } else {
            call.await
        };
        match returned {
            Ok(version) => Outcome::Acknowledged {
                version: version.cast_unsigned(),
                committed: committed.load(Ordering::Relaxed),
            },
            Err(sqlx::Error::Io(error)) if is_of_the_cache(&error) => Outcome::Refused,
            Err(_) => Outcome::Unknown,
        }
    }

    /// Says that it lives, and what the cache has counted.
    async fn report(self, cache: Cache) {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        let mut rounds = 0_u32;
        while !self.is_over() {
            ticks.tick().await;
            self.log.say(What::Tick);
            rounds += 1;
            if rounds.is_multiple_of(10) {
                self.log.say(counted(&cache));
            }
        }
        self.log.say(counted(&cache));
    }
}

fn counted(cache: &Cache) -> What {
    let (mut hits, mut reads) = (0, 0);
    for function in cache.stats().functions {
        let answered = function.hits + function.shared_hits + function.negative_hits + function.stale_hits;
        hits += answered;
        reads += answered + function.misses + function.bypasses;
    }
    What::Counted { hits, reads }
}

fn is_of_the_cache(error: &std::io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<cache_runtime::Error>()).is_some()
}
