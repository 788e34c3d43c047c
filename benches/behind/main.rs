//! What write-behind costs and brings: beside single rows, batches and a queue written by hand, on PostgreSQL and SQLite.
#![allow(clippy::cast_precision_loss)]

mod hand;
mod ours;
mod rows;
mod writers;

use cache_benches::{Foreign, Options, Table, figure as shown, median, process_time};
use hand::{Batches, Direct, Stream};
use ours::{Behind, Kind};
use rows::Db;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_servers::{Fsync, Postgres, Redis};
use tokio::runtime::Runtime;
use writers::{Keys, Run, Writes, drive, fill};

/// Somebody who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contender {
    Direct,
    Batches,
    /// In a Redis that brings it to disk always, or every second.
    Stream(Fsync),
    Ours(Kind),
}

const ALL: [Contender; 8] = [
    Contender::Direct,
    Contender::Batches,
    Contender::Stream(Fsync::Always),
    Contender::Ours(Kind::RedisFsync),
    Contender::Stream(Fsync::EverySecond),
    Contender::Ours(Kind::Redis),
    Contender::Ours(Kind::Sql),
    Contender::Ours(Kind::Memory),
];

impl Contender {
    const fn name(self) -> &'static str {
        match self {
            Self::Direct => "row by row",
            Self::Batches => "batches by hand, 5 ms",
            Self::Stream(Fsync::EverySecond) => "queue by hand, everysec",
            Self::Stream(_) => "queue by hand, always",
            Self::Ours(Kind::RedisFsync) => "ours, redis_fsync",
            Self::Ours(Kind::Redis) => "ours, redis",
            Self::Ours(Kind::Sql) => "ours, sql",
            Self::Ours(Kind::Memory) => "ours, memory",
        }
    }

    /// The queue by hand that promises as much, to be compared with.
    const fn peer(self) -> Self {
        match self {
            Self::Stream(Fsync::EverySecond) | Self::Ours(Kind::Redis) => Self::Stream(Fsync::EverySecond),
            _ => Self::Stream(Fsync::Always),
        }
    }
}

/// The servers of a benchmark.
struct Place<'p> {
    always: &'p Redis,
    every_second: &'p Redis,
    db: Db,
}

/// What writes cost besides time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Processor time of this process, in microseconds.
    here: f64,
    /// The same of Redis.
    redis: f64,
    /// Calls of scripts.
    scripts: f64,
}

impl Used {
    fn now(redis: &Redis) -> Self {
        let info = ["INFO cpu", "INFO commandstats"].map(|ask| redis.ask(ask).unwrap_or_default()).join("\n");
        let number = |name: &str| -> f64 {
            let rest = info.split_once(name).map_or("", |(_, rest)| rest);
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            rest[..end].parse().unwrap_or_default()
        };
        let seconds = number("used_cpu_sys:") + number("used_cpu_user:");
        let here = process_time().as_secs_f64() * 1e6;
        Self { here, redis: seconds * 1e6, scripts: number("cmdstat_evalsha:calls=") }
    }

    fn per_write(self, redis: &Redis, writes: u64) -> Self {
        let now = Self::now(redis);
        let each = |now: f64, before: f64| (now - before) / writes as f64;
        Self {
            here: each(now.here, self.here),
            redis: each(now.redis, self.redis),
            scripts: each(now.scripts, self.scripts),
        }
    }
}

impl Place<'_> {
    fn redis(&self, contender: Contender) -> &Redis {
        match contender {
            Contender::Stream(Fsync::EverySecond) | Contender::Ours(Kind::Redis) => self.every_second,
            _ => self.always,
        }
    }

    /// One run of one contender, from empty servers on.
    async fn run(
        &self,
        contender: Contender,
        drains: bool,
        writers: usize,
        keys: Keys,
        span: Duration,
    ) -> Run {
        self.db.empty().await;
        let redis = self.redis(contender);
        redis.ask("FLUSHALL ASYNC").expect("the server answers");
        let url = redis.url();
        let db = self.db.clone();
        let by: Arc<dyn Writes> = match contender {
            Contender::Direct => Arc::new(Direct(db)),
            Contender::Batches => Arc::new(Batches::new(db)),
            Contender::Stream(_) => Arc::new(Stream::new(&url, drains.then_some(db)).await),
            Contender::Ours(kind) => Arc::new(Behind::new(kind, &url, &db, drains).await),
        };
        let before = Used::now(redis);
        let mut run = drive(by, writers, keys, span, drains).await;
        run.used = before.per_write(redis, run.writes);
        if drains {
            let (found, expected) = (self.db.count().await, keys.rows(run.writes));
            assert_eq!(found, expected, "`{}` lost something", contender.name());
        }
        run
    }

    /// Rows a second of a backlog that nobody adds to, and what a row costs.
    async fn drain(&self, contender: Contender, backlog: u64) -> (f64, Used) {
        self.db.empty().await;
        let redis = self.redis(contender);
        redis.ask("FLUSHALL ASYNC").expect("the server answers");
        let (url, db) = (redis.url(), self.db.clone());
        let (begun, before) = match contender {
            Contender::Ours(kind) => {
                let accepting = Arc::new(Behind::new(kind, &url, &db, false).await);
                fill(accepting.clone(), backlog).await;
                let begun = (Instant::now(), Used::now(redis));
                accepting.flushed_by_another(kind, &url, &db).await;
                begun
            }
            _ => {
                fill(Arc::new(Stream::new(&url, None).await), backlog).await;
                let begun = (Instant::now(), Used::now(redis));
                Arc::new(Stream::new(&url, Some(db)).await).drained().await;
                begun
            }
        };
        let rate = backlog as f64 / begun.elapsed().as_secs_f64();
        let used = before.per_write(redis, backlog);
        assert_eq!(self.db.count().await, backlog, "`{}` lost something", contender.name());
        (rate, used)
    }
}

fn main() {
    let options = Options::from_args();
    let runtime = Runtime::new().expect("a runtime can be built");
    let started = |fsync| {
        runtime.block_on(Redis::builder().appendonly(fsync).arg("auto-aof-rewrite-percentage", "0").start())
    };
    let (always, every_second) = (started(Fsync::Always), started(Fsync::EverySecond));
    let postgres = runtime.block_on(Postgres::builder().fsync().setting("shared_buffers", "128MB").start());
    let sqlite = every_second.dir().join("sqlite");
    std::fs::create_dir(&sqlite).expect("the server's folder is there");
    let dbs = [runtime.block_on(Db::postgres(&postgres.url())), runtime.block_on(Db::sqlite(&sqlite))];
    for db in dbs {
        let place = Place { always: &always, every_second: &every_second, db };
        backlog(&options, &runtime, &place);
        for writers in [1, 16, 64] {
            let title = format!("{}, {writers} writer(s), acknowledgement alone", place.db.name());
            compare(&options, &runtime, &place, &title, writers, Keys::Distinct, false);
            for keys in [Keys::Distinct, Keys::TenEach] {
                let title = format!("{}, {writers} writer(s), {}", place.db.name(), keys.name());
                compare(&options, &runtime, &place, &title, writers, keys, true);
            }
        }
    }
}

/// How fast what waits is written when nothing comes.
fn backlog(options: &Options, runtime: &Runtime, place: &Place<'_>) {
    let title = format!("{}, a backlog", place.db.name());
    if !options.wants(&title) {
        return;
    }
    let (rounds, rows) = (options.pick(5, 2), options.pick(30_000, 5_000));
    let contenders: Vec<Contender> =
        ALL.into_iter().filter(|one| matches!(one, Contender::Stream(_) | Contender::Ours(_))).collect();
    let contenders: Vec<Contender> =
        contenders.into_iter().filter(|one| *one != Contender::Ours(Kind::Memory)).collect();
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    let mut used: Vec<Vec<Used>> = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        eprint!("\r{title}: round {}/{rounds} ", round + 1);
        for (at, contender) in contenders.iter().enumerate() {
            let (rate, cost) = runtime.block_on(place.drain(*contender, rows));
            rates[at].push(rate);
            used[at].push(cost);
        }
    }
    eprintln!();
    let columns = [
        "rows/s: ratio to the queue by hand",
        "rows/s",
        "processor µs per row, here",
        "in Redis",
        "scripts per row",
    ];
    let mut table = Table::new(format!("{title} of {rows} rows"), &columns);
    for (at, contender) in contenders.iter().enumerate() {
        let peer = contenders.iter().position(|one| *one == contender.peer());
        let beside = peer.map(|peer| &rates[peer]).into_iter().flatten();
        let ratios: Vec<f64> = rates[at].iter().zip(beside).map(|(own, base)| own / base).collect();
        let cost = |of: fn(&Used) -> f64| shown(median(&used[at].iter().map(of).collect::<Vec<_>>()));
        let (rate, here) = (shown(median(&rates[at])), cost(|used| used.here));
        let (redis, scripts) = (cost(|used| used.redis), cost(|used| used.scripts));
        table.words(contender.name(), vec![shown(median(&ratios)), rate, here, redis, scripts]);
    }
    table.print();
}

fn compare(
    options: &Options,
    runtime: &Runtime,
    place: &Place<'_>,
    title: &str,
    writers: usize,
    keys: Keys,
    drains: bool,
) {
    if !options.wants(title) {
        return;
    }
    let (rounds, span) = (options.pick(5, 2), Duration::from_millis(options.pick(600, 200)));
    let queued = |contender: &Contender| !matches!(contender, Contender::Direct | Contender::Batches);
    let contenders: Vec<Contender> = ALL.into_iter().filter(|one| drains || queued(one)).collect();
    let foreign = Foreign::default();
    let mut random = fastrand::Rng::with_seed(5);
    let mut order: Vec<usize> = (0..contenders.len()).collect();
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); contenders.len()];
    for round in 0..rounds {
        eprint!("\r{title}: round {}/{rounds} ", round + 1);
        for &at in &order {
            runs[at].push(runtime.block_on(place.run(contenders[at], drains, writers, keys, span)));
        }
        random.shuffle(&mut order);
    }
    eprintln!();
    let columns = [
        "p50: ratio to the queue by hand",
        "p99: ratio",
        "acknowledged/s: ratio",
        "rows/s: ratio",
        "rows/s: ratio to row by row",
        "p50 µs",
        "p99 µs",
        "acknowledged/s",
        "rows/s",
        "processor µs per write, here",
        "in Redis",
        "scripts per write",
    ];
    let used = foreign.percent();
    let title = format!("{title}; other programs, the servers among them, used {used:.0}% of the machine");
    let mut table = Table::new(title, &columns);
    let of = |contender: Contender| contenders.iter().position(|one| *one == contender);
    for (at, contender) in contenders.iter().enumerate() {
        let ratio = |to: Contender, figure: fn(&Run) -> f64| {
            let beside = of(to).map(|to| &runs[to]).into_iter().flatten();
            let ratios: Vec<f64> =
                runs[at].iter().zip(beside).map(|(own, base)| figure(own) / figure(base)).collect();
            shown(median(&ratios))
        };
        let own = |of: fn(&Run) -> f64| shown(median(&runs[at].iter().map(of).collect::<Vec<_>>()));
        let sustained = |cell: String| if drains { cell } else { "-".to_owned() };
        let peer = contender.peer();
        table.words(
            contender.name(),
            vec![
                ratio(peer, |run| run.p50),
                ratio(peer, |run| run.p99),
                ratio(peer, |run| run.acknowledged),
                sustained(ratio(peer, |run| run.sustained)),
                sustained(ratio(Contender::Direct, |run| run.sustained)),
                own(|run| run.p50),
                own(|run| run.p99),
                own(|run| run.acknowledged),
                sustained(own(|run| run.sustained)),
                own(|run| run.used.here),
                own(|run| run.used.redis),
                own(|run| run.used.scripts),
            ],
        );
    }
    table.print();
}
