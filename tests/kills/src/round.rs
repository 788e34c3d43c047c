//! How a round goes: a burst of writes, one fault, a drain, and the check.

use crate::{
    check::{Verdict, check},
    database,
    fleet::Fleet,
    ledger::Said,
    servers::Servers,
    words::{Act, Fault, Point, QueueKind},
    worker::Mode,
};
use rustix::process::Signal;
use std::{
    error::Error,
    time::{Duration, Instant},
};
use test_servers::Mode as Network;

/// How long something may take that only a bug keeps from happening.
const PATIENCE: Duration = Duration::from_secs(100);

/// What is the same in all rounds of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) queue: QueueKind,
    /// How long a claim holds.
    pub(crate) lease: Duration,
    /// Rows of each function.
    pub(crate) keys: i64,
    /// Calls of each task.
    pub(crate) calls: i64,
    /// Tasks of each worker.
    pub(crate) tasks: i64,
    /// Nobody flushes before the drain.
    pub(crate) hold: bool,
    /// When the fault happens, from the beginning of the burst.
    pub(crate) strike: (Duration, Duration),
}

/// What a round came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Round {
    pub(crate) verdict: Verdict,
    pub(crate) drain: Duration,
    /// What still waited at the end.
    pub(crate) pending: u64,
    /// What was given up.
    pub(crate) dead: u64,
    /// The fault was to happen at a point that no worker came to.
    pub(crate) missed: bool,
}

/// Runs a round on the rows from this one.
pub(crate) async fn round(
    rules: &Rules,
    fault: Fault,
    fleet: &mut Fleet,
    servers: &Servers,
    base: i64,
    random: &mut fastrand::Rng,
) -> Result<Round, Box<dyn Error>> {
    man(rules, fleet, servers).await?;
    for place in 0..fleet.writers() {
        fleet.posts[place].said.clear();
    }
    let victim = random.usize(..fleet.writers());
    if let Some((point, act)) = fault.at() {
        let act = if act == Act::Die { "die" } else { "halt" };
        // Whoever comes there first: not everybody has something to flush.
        (0..fleet.writers()).for_each(|place| fleet.tell(place, &format!("tell {point} {act}")));
    }
    for place in 0..fleet.writers() {
        let Rules { keys, calls, tasks, .. } = rules;
        let seed = random.u32(..);
        fleet.tell(place, &format!("burst {base} {keys} {calls} {tasks} {seed}"));
    }
    if let Some(disk) = &servers.disk {
        disk.be_slow(true)?;
    }
    let missed = !strike(rules, fault, fleet, servers, victim, random).await?;
    finish(fault, fleet).await?;
    let begun = Instant::now();
    let (pending, dead, mut notes) = drain(rules, fleet, servers).await?;
    let drain = begun.elapsed();
    let found = database::read(&servers.db, base, base + rules.keys).await?;
    let mut verdict = check(&fleet.ledger, &found, base, base + rules.keys);
    if !verdict.is_kept() || dead > 0 || pending > 0 {
        notes.append(&mut verdict.notes);
        verdict.notes = notes;
    }
    Ok(Round { verdict, drain, pending, dead, missed })
}

/// Lets whoever lives finish.
async fn finish(fault: Fault, fleet: &mut Fleet) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let over = |fleet: &Fleet| {
        (0..fleet.writers()).all(|place| !fleet.is_alive(place) || fleet.has_said(place, &Said::Over))
    };
    (0..fleet.writers()).for_each(|place| fleet.tell(place, "forget"));
    loop {
        // Two may have come to their point at once.
        for place in 0..fleet.writers() {
            if fleet.has_said(place, &Said::Waits) {
                fleet.posts[place].said.retain(|said| *said != Said::Waits);
                fleet.tell(place, "go");
            }
            fleet.signal(place, Signal::CONT);
        }
        if fleet.until(Duration::from_millis(100), over).await {
            return Ok(());
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("{fault}: a worker does not come to an end with its calls").into());
        }
    }
}

/// Puts a worker where none is.
async fn man(rules: &Rules, fleet: &mut Fleet, servers: &Servers) -> Result<(), Box<dyn Error>> {
    let mode = if rules.hold { Mode::Hold } else { Mode::Serve };
    let empty: Vec<usize> = (0..fleet.writers()).filter(|place| !fleet.is_alive(*place)).collect();
    for place in &empty {
        fleet.start(servers, *place, mode)?;
    }
    let ready = fleet.until(PATIENCE, |fleet| empty.iter().all(|place| fleet.has_said(*place, &Said::Ready)));
    if ready.await { Ok(()) } else { Err("a worker does not start".into()) }
}

/// Lets the fault happen, and end; `false` if nobody came to its point.
async fn strike(
    rules: &Rules,
    fault: Fault,
    fleet: &mut Fleet,
    servers: &Servers,
    victim: usize,
    random: &mut fastrand::Rng,
) -> Result<bool, Box<dyn Error>> {
    let (from, to) = rules.strike;
    let mut within = |from: Duration, to: Duration| from + to.saturating_sub(from).mul_f64(random.f64());
    let wait = within(from, to);
    let beyond = within(rules.lease + rules.lease / 3, 2 * rules.lease);
    let short = within(Duration::from_millis(5), Duration::from_millis(150));
    if let Some((point, act)) = fault.at() {
        return Ok(at_a_point(fleet, point, act, beyond).await);
    }
    fleet.listen(wait).await;
    match fault {
        Fault::Kill => kill(fleet, &[victim]).await,
        Fault::KillAll => {
            let all: Vec<usize> = (0..fleet.writers()).collect();
            kill(fleet, &all).await;
        }
        Fault::Stop => {
            fleet.signal(victim, Signal::STOP);
            fleet.listen(beyond).await;
            fleet.signal(victim, Signal::CONT);
        }
        Fault::QueueCut => network(fleet, victim, Post::Queue, Network::CutAfterRequest, short).await,
        Fault::QueueSilent => network(fleet, victim, Post::Queue, Network::BlackHole, beyond).await,
        Fault::DataCut => network(fleet, victim, Post::Data, Network::CutAfterRequest, short).await,
        Fault::DataSilent => network(fleet, victim, Post::Data, Network::BlackHole, beyond).await,
        Fault::KillRedis | Fault::KillRedisSlow => {
            if let Some(redis) = &servers.redis {
                if (rules.queue, fault) == (QueueKind::Redis, Fault::KillRedis) {
                    servers.redis_has_written().await?;
                }
                redis.kill9();
                if let Some(disk) = &servers.disk {
                    disk.be_slow(false)?;
                }
                fleet.listen(short).await;
                redis.restart_on_same_port().await;
            }
        }
        Fault::KillDatabase => {
            if let Some(postgres) = servers.postgres() {
                postgres.kill9();
                fleet.listen(short).await;
                postgres.restart().await;
            }
        }
        _ => {}
    }
    Ok(true)
}

/// A worker's way.
#[derive(Clone, Copy, Debug)]
enum Post {
    Queue,
    Data,
}

async fn network(fleet: &mut Fleet, place: usize, way: Post, mode: Network, time: Duration) {
    let set = |fleet: &Fleet, mode| {
        let post = &fleet.posts[place];
        let proxy = match way {
            Post::Queue => &post.queue,
            Post::Data => &post.data,
        };
        if let Some(proxy) = proxy {
            proxy.set(mode);
        }
    };
    set(fleet, mode);
    fleet.listen(time).await;
    set(fleet, Network::Pass);
}

async fn kill(fleet: &mut Fleet, places: &[usize]) {
    for place in places {
        fleet.kill(*place);
    }
    // What they have said before is heard to its end.
    fleet.until(PATIENCE, |fleet| places.iter().all(|place| !fleet.is_alive(*place))).await;
}

/// A worker does it itself; before it does so after a commit it waits until its way to the queue is closed, so that nothing is settled meanwhile.
async fn at_a_point(fleet: &mut Fleet, point: Point, act: Act, beyond: Duration) -> bool {
    let who = |fleet: &Fleet| {
        let there = |said: &Said| matches!(said, Said::At(_) | Said::Waits);
        (0..fleet.writers()).find(|place| fleet.posts[*place].said.iter().any(there))
    };
    let over = |fleet: &Fleet| (0..fleet.writers()).all(|place| fleet.has_said(place, &Said::Over));
    // A worker has batches to flush for as long as others write, and their last ones a moment after.
    fleet.until(Duration::from_secs(10), |fleet| who(fleet).is_some() || over(fleet)).await;
    fleet.until(Duration::from_millis(300), |fleet| who(fleet).is_some()).await;
    let Some(victim) = who(fleet) else { return false };
    for place in (0..fleet.writers()).filter(|place| *place != victim) {
        fleet.tell(place, "forget");
    }
    if fleet.has_said(victim, &Said::Waits) {
        if let Some(queue) = &fleet.posts[victim].queue {
            queue.set(Network::BlackHole);
        }
        fleet.posts[victim].said.retain(|said| *said != Said::Waits);
        fleet.tell(victim, "go");
        fleet.until(Duration::from_secs(3), |fleet| fleet.has_said(victim, &Said::At(point))).await;
    }
    let reached = fleet.has_said(victim, &Said::At(point));
    match act {
        Act::Die if reached => kill(fleet, &[victim]).await,
        Act::Halt if reached => {
            fleet.listen(beyond).await;
            fleet.signal(victim, Signal::CONT);
        }
        Act::Die | Act::Halt => {}
    }
    if let Some(queue) = &fleet.posts[victim].queue {
        queue.pass();
    }
    reached
}

/// A process that never was there before flushes what is left; a queue in the processes is flushed by each.
async fn drain(
    rules: &Rules,
    fleet: &mut Fleet,
    servers: &Servers,
) -> Result<(u64, u64, Vec<String>), Box<dyn Error>> {
    let places: Vec<usize> = if rules.queue == QueueKind::Memory {
        let living: Vec<usize> = (0..fleet.writers()).filter(|place| fleet.is_alive(*place)).collect();
        for place in &living {
            fleet.tell(*place, "flush");
        }
        living
    } else {
        let place = fleet.writers();
        fleet.start(servers, place, Mode::Drain)?;
        vec![place]
    };
    let flushed = |fleet: &Fleet, place: usize| {
        let said = &fleet.posts[place].said;
        said.iter().any(|said| matches!(said, Said::Flushed(..) | Said::Gone))
    };
    if !fleet.until(PATIENCE, |fleet| places.iter().all(|place| flushed(fleet, *place))).await {
        return Err("the process that drains says nothing".into());
    }
    let (mut pending, mut dead, mut notes) = (0, 0, Vec::new());
    for place in &places {
        for said in &fleet.posts[*place].said {
            match said {
                Said::Flushed(left, given_up) => (pending, dead) = (pending + left, dead + given_up),
                Said::Note(note) => notes.push(note.clone()),
                Said::Ready | Said::Over | Said::Waits | Said::At(_) | Said::Gone => {}
            }
        }
    }
    // The place is free for the next one.
    let direct = fleet.writers();
    if rules.queue != QueueKind::Memory {
        fleet.until(PATIENCE, |fleet| !fleet.is_alive(direct)).await;
    }
    Ok((pending, dead, notes))
}
