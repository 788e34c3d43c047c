//! How a run goes: servers, workers, faults, and the verdict.

use crate::{
    admitted::Terms,
    clock::now,
    collect::Collector,
    collect::Say,
    database::{self, Engine},
    event::{Seen, What},
    fleet::Fleet,
    inject::Injector,
    options::{Keeping, Options},
    report,
    words::{Fault, Level, Via},
    worker::Orders,
};
use sqlx::AnyPool;
use std::{
    error::Error,
    fs, io,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use test_servers::{Fsync, Postgres, Proxy, Redis};

/// How often the database itself is read.
const TRUTH: Duration = Duration::from_millis(4);

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Kept,
    Violated,
}

/// The database under the workers, ended when dropped.
enum Database {
    Postgres(Box<Postgres>),
    Sqlite(PathBuf),
}

impl Database {
    async fn start(engine: Engine) -> Result<Self, Box<dyn Error>> {
        match engine {
            Engine::Postgres => {
                let server = Postgres::builder().setting("max_connections", "300");
                Ok(Self::Postgres(Box::new(server.try_start().await?)))
            }
            Engine::Sqlite => {
                let folder = std::env::temp_dir().join(format!("cache-audit-{}", std::process::id()));
                fs::create_dir_all(&folder)?;
                Ok(Self::Sqlite(folder))
            }
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Postgres(server) => server.url(),
            Self::Sqlite(folder) => format!("sqlite://{}/audit.db?mode=rwc", folder.display()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Sqlite(folder) = self {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Makes an audit and prints what it found.
pub(crate) async fn run(options: &Options) -> Result<Verdict, Box<dyn Error>> {
    let redis = match options.redis {
        Keeping::Memory => Redis::try_start().await?,
        Keeping::File => Redis::builder().appendonly(Fsync::Always).try_start().await?,
    };
    let database = Database::start(options.database).await?;
    let db = database::open(&database.url(), 4)?;
    database::create(&db, options.keys).await?;

    let collector = Collector::start(Terms { fence: options.fence, l1_max_lag: options.l1 })?;
    let mut fleet = Fleet::new(collector.say().clone());
    for number in 0..options.workers {
        let proxy = Proxy::start(redis.addr()).await;
        fleet.add(proxy, orders(options, &database, number))?;
    }
    let truth = tokio::spawn(read_the_database(db.clone(), options.clone(), collector.say().clone()));

    let begun = Instant::now();
    let broken = supervise(options, &mut fleet, &redis, &collector).await;
    truth.abort();
    let _ = truth.await;
    fleet.stop();
    drop(fleet);
    db.close().await;
    broken?;

    let took = begun.elapsed();
    let (checker, late) = collector.finish();
    print!("{}", report::render(options, &checker, took));
    if late > 0 {
        return Err(format!("{late} events came out of order; the verdict is worth nothing").into());
    }
    if checker.tally().checked() == 0
        || checker.tally().writes.values().all(|writes| writes.acknowledged == 0)
    {
        return Err("nothing was read or written, so nothing was checked".into());
    }
    Ok(if checker.tally().violations() == 0 { Verdict::Kept } else { Verdict::Violated })
}

fn orders(options: &Options, database: &Database, number: u16) -> Orders {
    Orders {
        process: 0,
        redis: String::new(),
        database: database.url(),
        levels: options.levels.clone(),
        fence: options.fence,
        // Every second worker, beginning with the second.
        l1: options.l1.filter(|_| number % 2 == 1),
        keys: options.keys,
        reads: options.reads,
        writes: options.writes,
        bug: options.bug,
        skewed: options.faults.contains(&Fault::Skew) && number + 1 == options.workers,
        patient: options.patient,
    }
}

/// Breaks things until the time is over.
async fn supervise(
    options: &Options,
    fleet: &mut Fleet,
    redis: &Redis,
    collector: &Collector,
) -> Result<(), Box<dyn Error>> {
    let end = tokio::time::Instant::now() + options.time;
    let mut injector = Injector::new(&options.faults, options.seed, options.time, collector.say().clone());
    let mut told = Instant::now();
    while tokio::time::Instant::now() < end {
        if let Some(problem) = fleet.ended() {
            return Err(problem.into());
        }
        let progress = collector.progress();
        let violations = progress.violations.load(Ordering::Relaxed);
        if options.until_violation && violations > 0 {
            return Ok(());
        }
        if told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            let checked = progress.checked.load(Ordering::Relaxed);
            eprintln!("{checked} reads checked, {violations} violations");
        }
        if options.faults.is_empty() {
            tokio::time::sleep_until(end.min(tokio::time::Instant::now() + Duration::from_millis(100))).await;
        } else {
            injector.next(fleet, redis).await?;
        }
    }
    Ok(())
}

/// Reads rows past the cache: so it is known what was committed, whatever the caches say.
async fn read_the_database(db: AnyPool, options: Options, say: Say) -> io::Result<()> {
    let levels: Arc<[Level]> = options.levels.into();
    let mut ticks = tokio::time::interval(TRUTH);
    loop {
        ticks.tick().await;
        let (level, key) = (levels[fastrand::usize(..levels.len())], fastrand::u16(..options.keys));
        let begin = now();
        let seen = match database::load(&db, level, key).await {
            Ok(Some(row)) => {
                Seen::Row { version: row.version.cast_unsigned(), token: row.token.cast_unsigned() }
            }
            Ok(None) => Seen::Absent,
            Err(_) => Seen::Failed,
        };
        say.now(What::Read { level, via: Via::Database, key, reader: 0, begin, seen });
    }
}
