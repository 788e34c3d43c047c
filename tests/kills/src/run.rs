//! How a run goes: queue by queue and database by database, all faults in turn.

use crate::{
    check::check,
    database,
    disk::Disk,
    fleet::Fleet,
    options::Options,
    report::Report,
    round::{Rules, round},
    servers::Servers,
    words::{Engine, Fault, QueueKind},
    worker::{Mode, Orders},
};
use std::{
    error::Error,
    time::{Duration, Instant},
};
use test_servers::Fsync;

/// How long a claim holds here: short, since a killed worker's batch waits for its end.
const LEASE: Duration = Duration::from_millis(600);
const KEYS: i64 = 4;
/// How slow the disk is: for a Redis that brings what it has there once a second, while it goes on answering, and for one that answers only then.
const EVERYSEC: Duration = Duration::from_millis(1_500);
const ALWAYS: Duration = Duration::from_millis(150);
/// What takes longer is worth a line.
const SLOW: Duration = Duration::from_secs(5);
/// After how many rounds there is a line that says how it goes.
const TOLD: u32 = 50;

/// Runs all rounds and prints the table; `true` if every promise was kept.
pub(crate) async fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let begun = Instant::now();
    let mut report = Report::default();
    if let Some(fsync) = options.slow_fsync {
        slow(options, fsync, &mut report).await?;
        print!("{}", report.render(begun.elapsed()));
        return Ok(report.is_kept());
    }
    let mut places = Vec::new();
    for queue in &options.queues {
        for engine in &options.databases {
            let faults: Vec<Fault> =
                options.faults.iter().copied().filter(|fault| fault.fits(*queue, *engine)).collect();
            if !faults.is_empty() {
                places.push((*queue, *engine, faults));
            }
        }
    }
    let count = u32::try_from(places.len())?;
    if count == 0 {
        return Err("none of the faults means anything for these queues and databases".into());
    }
    for (n, (queue, engine, faults)) in (0u32..).zip(places) {
        // What is left over by the division goes to the first.
        let rounds = options.rounds / count + u32::from(n < options.rounds % count);
        let servers = Servers::start(queue, engine).await?;
        series(options, rules(queue, engine), engine, &servers, &faults, rounds, &mut report).await?;
    }
    print!("{}", report.render(begun.elapsed()));
    Ok(report.is_kept())
}

/// What is the same in all rounds.
fn rules(queue: QueueKind, engine: Engine) -> Rules {
    Rules {
        queue,
        lease: LEASE,
        keys: KEYS,
        // Where each costs several round trips, fewer take as long.
        calls: match (queue, engine) {
            (QueueKind::Sql, Engine::Postgres) => 6,
            (_, Engine::Postgres) => 12,
            _ => 25,
        },
        tasks: 4,
        hold: false,
        strike: (Duration::ZERO, Duration::from_millis(120)),
    }
}

/// What every worker is told.
fn orders(queue: QueueKind) -> Orders {
    Orders {
        process: 0,
        mode: Mode::Serve,
        queue,
        database: String::new(),
        queue_database: String::new(),
        redis: String::new(),
        lease: LEASE,
    }
}

/// The rounds on a slow disk: many writes pile up in Redis until it is killed.
async fn slow(options: &Options, fsync: Fsync, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let queue = if fsync == Fsync::Always { QueueKind::RedisFsync } else { QueueKind::Redis };
    let time = if fsync == Fsync::Always { ALWAYS } else { EVERYSEC };
    let Some(disk) = Disk::make(time)? else {
        report.skipped.push(
            "no C compiler makes the library that slows Redis' disk: nothing is known of a slow one"
                .to_owned(),
        );
        return Ok(());
    };
    let servers = Servers::with_disk(disk, fsync).await?;
    let rules = Rules {
        hold: true,
        calls: if fsync == Fsync::Always { 25 } else { 400 },
        keys: 40,
        strike: (Duration::from_millis(1_200), Duration::from_millis(2_800)),
        ..rules(queue, Engine::Sqlite)
    };
    series(options, rules, Engine::Sqlite, &servers, &[Fault::KillRedisSlow], options.rounds, report).await
}

/// The rounds of one queue and one database.
async fn series(
    options: &Options,
    rules: Rules,
    engine: Engine,
    servers: &Servers,
    faults: &[Fault],
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let queue = rules.queue;
    let mut random = fastrand::Rng::with_seed(options.seed);
    let mut fleet = Fleet::new(servers, orders(queue), options.workers).await;
    let mut base = 0;
    let started = Instant::now();
    for n in 0..rounds {
        let fault = faults[n as usize % faults.len()];
        let begun = Instant::now();
        let done = round(&rules, fault, &mut fleet, servers, base, &mut random).await;
        let done = done.map_err(|error| format!("{queue}, {engine}, round {n}: {error}"))?;
        if begun.elapsed() > SLOW {
            eprintln!(
                "round {n}, {queue}, {engine}, {fault}: {:.1} s, of which {:.1} s to drain",
                begun.elapsed().as_secs_f64(),
                done.drain.as_secs_f64()
            );
        }
        if !done.verdict.is_kept() {
            eprintln!("round {n}, {queue}, {engine}, {fault}: {:?}", done.verdict);
        }
        report.add((queue, engine, fault), &done);
        if (n + 1).is_multiple_of(TOLD) {
            let state = if report.is_kept() { "kept" } else { "BROKEN" };
            eprintln!(
                "{queue}, {engine}: {} of {rounds} rounds, {} s, {state}",
                n + 1,
                started.elapsed().as_secs()
            );
        }
        base += rules.keys;
    }
    // Whatever woke up late has not changed what was right.
    let found = database::read(&servers.db, 0, base).await?;
    let end = check(&fleet.ledger, &found, 0, base);
    let sum = |of: fn(&crate::check::Verdict) -> u64| -> u64 {
        let here = report.cells.iter().filter(|(place, _)| (place.0, place.1) == (queue, engine));
        here.map(|(_, cell)| of(&cell.all.verdict)).sum()
    };
    for (what, before, after) in [
        ("lost", sum(|verdict| verdict.lost), end.lost),
        ("twice", sum(|verdict| verdict.twice), end.twice),
        ("back", sum(|verdict| verdict.back), end.back),
        ("ghosts", sum(|verdict| verdict.ghosts), end.ghosts),
    ] {
        if after > before {
            return Err(format!(
                "{queue}, {engine}: after the last round {what} rose from {before} to {after}: {:?}",
                end.notes
            )
            .into());
        }
    }
    for (error, count) in std::mem::take(&mut fleet.ledger.errors) {
        *report.errors.entry(error).or_default() += count;
    }
    Ok(())
}
