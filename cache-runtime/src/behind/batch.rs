//! How one batch is written, and what happens when the database doesn't take it.

use super::{
    deferred::{Arguments, Handler, Lane},
    doubts::Doubt,
    failure::{Failure, FailureKind, Says},
    failures::Buried,
    flusher::Flushing,
    payload::Unfit,
    scope::Scope,
    state::State,
};
use crate::{
    clock,
    observe::Counter,
    store::{Claim, Partition, QueuedWrite, Settled, StoreError},
};
use futures_util::{FutureExt, future::join_all};
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tracing::Instrument;

/// How often a settlement is tried whose answer is lost; then the next holder of the claim finds out.
const SETTLE: usize = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// The part of a batch that is in one partition.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) claim: Claim,
    pub(super) number: u64,
    pub(super) writes: Vec<QueuedWrite>,
}

/// What is to be taken: of each partition the ids.
type Ids = Vec<(Claim, Vec<u64>)>;

/// A write that failed by itself.
struct Refused {
    claim: Claim,
    write: QueuedWrite,
    failure: Failure,
}

/// What a batch came to.
enum Came {
    Written,
    /// Nothing is written, and it should be tried again later.
    Later,
    /// Nothing is written, and some write of it is at fault, or nobody knows.
    Failed(Failure),
    /// It, or what became of it, is known to the database only, which will be asked.
    InDoubt,
    /// Some of its writes can't be read here: they are dealt with, and the rest is to be taken again, without what comes after these in their keys.
    Unread(Vec<(Partition, QueuedWrite)>),
    /// It belongs to somebody else by now.
    Gone,
}

/// What became of a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Settled,
    /// The claim was lost: the next holder finds out what became of the batch.
    Lost,
    /// Nobody answered.
    Unknown,
}

/// What became of the writes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrote {
    All,
    /// Some of them hold back others now, which a new plan takes into account.
    Some,
    /// Something is left that should be tried later; whether any of it was written.
    Later {
        any: bool,
    },
}

/// Writes one batch of one function, looking for the writes at fault when it fails.
///
/// Nothing of a key is written when an earlier write of it was not.
pub(super) async fn write(flushing: &mut Flushing, function: &Arc<str>, lines: Ids) -> Wrote {
    let state = flushing.state.clone();
    // Held over the database's work on purpose: a direct write that could not wait for the flush of its key keeps it away.
    let _no_direct_write = state.flushing.write().await;
    let Some(handler) = state.flusher().handlers.get(function).cloned() else {
        return Wrote::Later { any: false };
    };
    let mut refused: Vec<Refused> = Vec::new();
    let (mut left, mut any_written, mut any_held) = (false, false, false);
    let mut open = vec![lines];
    let mut keys: HashMap<(Partition, u64), Arc<str>> = HashMap::new();
    while let Some(ids) = open.pop() {
        let Ok(lines) = take(&state, &ids).await else {
            left = true;
            break;
        };
        for line in &lines {
            keys.extend(line.writes.iter().map(|w| ((line.claim.partition, w.id), w.key.clone())));
        }
        let count = lines.iter().map(|line| line.writes.len()).sum::<usize>();
        match write_once(flushing, &handler, &lines).await {
            Came::Written => any_written = true,
            Came::Gone => left = true,
            Came::Unread(holding) => {
                open.push(readable(flushing, ids));
                any_held |= !holding.is_empty();
                for (partition, first) in holding {
                    hold_back(&mut open, &keys, partition, &first);
                }
            }
            Came::Later => {
                left = true;
                break;
            }
            Came::InDoubt => {
                flushing.doubts.push(Doubt { function: function.clone(), lines });
                left = true;
                // The next batch of these partitions has to wait for the answer.
                break;
            }
            Came::Failed(failure) if count <= 1 => {
                let only =
                    lines.into_iter().find_map(|line| Some((line.writes.into_iter().next()?, line.claim)));
                let Some((write, claim)) = only else { continue };
                // What comes after it in its key waits until it is written, or given up.
                hold_back(&mut open, &keys, claim.partition, &write);
                refused.push(Refused { claim, write, failure });
            }
            Came::Failed(_) => {
                state.halved(function);
                let (first, second) = halves(ids, count);
                open.push(second);
                open.push(first);
            }
        }
    }
    // An error that doesn't tell whose fault it is counts against a write only while others pass.
    let (guilty, doubtful): (Vec<_>, Vec<_>) = refused
        .into_iter()
        .partition(|refused| refused.failure.kind == FailureKind::Permanent || any_written);
    if let Some(Refused { failure, .. }) = doubtful.first() {
        tracing::warn!(%function, error = %failure.message, "a flush failed, and nobody knows whether a write is at fault or the database; it will be repeated");
    }
    left |= !doubtful.is_empty();
    any_held |= !guilty.is_empty();
    for Refused { claim, write, failure } in guilty {
        let attempts = write.attempts + 1;
        if attempts >= state.options.attempts {
            give_up(&state, &claim, write, failure.kind.as_str(), failure.message).await;
            continue;
        }
        tracing::warn!(%function, id = write.id, attempts, error = %failure.message, "an acknowledged write was refused, and will be tried again");
        let failed = Settled::Failed { id: write.id, version: write.version };
        settle(&state, &claim, None, &[failed]).await;
        flushing.put_aside(claim.partition, &write, attempts);
    }
    match (left, any_held) {
        (true, _) => Wrote::Later { any: any_written },
        (false, true) => Wrote::Some,
        (false, false) => Wrote::All,
    }
}

/// Leaves out what comes after a write in its key.
fn hold_back(
    open: &mut [Ids],
    keys: &HashMap<(Partition, u64), Arc<str>>,
    partition: Partition,
    first: &QueuedWrite,
) {
    let lines = open.iter_mut().flatten().filter(|(claim, _)| claim.partition == partition);
    for (_, ids) in lines {
        ids.retain(|id| *id < first.id || keys.get(&(partition, *id)).is_none_or(|key| *key != first.key));
    }
}

/// Takes the writes, partition by partition; those of lost claims are left out.
async fn take(state: &State, ids: &[(Claim, Vec<u64>)]) -> Result<Vec<Line>, StoreError> {
    let queue = state.queue();
    let taken = join_all(ids.iter().map(|(claim, ids)| queue.take(claim, ids))).await;
    let mut lines = Vec::with_capacity(taken.len());
    for ((claim, _), taken) in ids.iter().zip(taken) {
        if let Some(taken) = taken?.filter(|taken| !taken.writes.is_empty()) {
            lines.push(Line { claim: claim.clone(), number: taken.number, writes: taken.writes });
        }
    }
    Ok(lines)
}

/// Writes what was taken in one call of the batch function, and settles it.
async fn write_once(flushing: &mut Flushing, handler: &Arc<Handler>, lines: &[Line]) -> Came {
    let state = flushing.state.clone();
    let (batch, unread) = open(handler, lines);
    if !unread.is_empty() {
        // What is in the transaction must be the batch, no more and no less: it begins anew without these.
        put_back(&state, lines).await;
        let mut holding = Vec::new();
        for (claim, write, why) in unread {
            match why {
                Unfit::Newer => {
                    flushing.found_newer(claim.partition, write.id);
                    holding.push((claim.partition, write));
                }
                Unfit::Unreadable(why) => {
                    if state.options.halt {
                        holding.push((claim.partition, write.clone()));
                    }
                    give_up(&state, &claim, write, "unreadable", why).await;
                }
            }
        }
        return Came::Unread(holding);
    }
    if batch.is_empty() {
        return Came::Gone;
    }
    let writes = batch.len();
    let lanes = lines.iter().map(|line| {
        let Claim { partition, epoch, .. } = line.claim;
        Lane { partition, epoch, number: line.number }
    });
    let scope = Scope::new(state.progress_as(), lanes.collect());
    let span = tracing::debug_span!("cache.flush", function = handler.spec.function, writes);
    let begun = clock::exact();
    let flushed = scope.clone().run(handler.flush(batch, &state.options).instrument(span));
    let flushed = AssertUnwindSafe(flushed).catch_unwind().await.unwrap_or_else(|_| Err(Failure::panicked()));
    state.took(handler.spec, clock::since(begun), writes);
    let failure = match flushed {
        Ok(()) => return settle_written(&state, lines).await,
        Err(failure) => failure,
    };
    if scope.is_fenced() {
        tracing::info!(function = handler.spec.function, "another flusher has taken over a partition");
        return Came::Gone;
    }
    let maybe = match failure.says {
        Says::Over => false,
        Says::Maybe => true,
        Says::Nothing => scope.may_be_committed(),
    };
    if handler.is_exact() && maybe {
        tracing::warn!(error = %failure.message, writes, "it is not known whether a flush was committed; the database will be asked");
        return Came::InDoubt;
    }
    put_back(&state, lines).await;
    match failure.kind {
        FailureKind::Transient => {
            tracing::warn!(error = %failure.message, writes, "a flush failed and will be repeated");
            Came::Later
        }
        FailureKind::Permanent | FailureKind::Unknown => Came::Failed(failure),
    }
}

/// The database has all of it.
async fn settle_written(state: &Arc<State>, lines: &[Line]) -> Came {
    let all: Vec<_> = lines.iter().map(|line| (line.claim.partition, line.writes.clone())).collect();
    drop_edges(state, &all).await;
    let done: Vec<Vec<Settled>> = lines
        .iter()
        .map(|line| {
            let done = |write: &QueuedWrite| Settled::Done { id: write.id, version: write.version };
            line.writes.iter().map(done).collect()
        })
        .collect();
    let settled = lines.iter().zip(&done);
    let answers =
        join_all(settled.map(|(line, done)| settle(state, &line.claim, Some(line.number), done))).await;
    if answers.contains(&Answer::Unknown) {
        // Taken again they would be written twice.
        return Came::InDoubt;
    }
    let mine = all.into_iter().zip(answers).filter(|(_, answer)| *answer == Answer::Settled);
    written(state, &mine.map(|(writes, _)| writes).collect::<Vec<_>>());
    Came::Written
}

type Opened = (Vec<(Arc<str>, Arguments)>, Vec<(Claim, QueuedWrite, Unfit)>);

/// Reads the arguments of what was taken.
fn open(handler: &Handler, lines: &[Line]) -> Opened {
    let (mut batch, mut unread) = (Vec::new(), Vec::new());
    for line in lines {
        for write in &line.writes {
            match handler.open(&write.payload) {
                Ok(arguments) => batch.push((write.key.clone(), arguments)),
                Err(why) => unread.push((line.claim.clone(), write.clone(), why)),
            }
        }
    }
    (batch, unread)
}

/// The same ids without those that only a later release can read.
fn readable(flushing: &Flushing, ids: Ids) -> Ids {
    let kept = ids.into_iter().map(|(claim, mut ids)| {
        ids.retain(|id| !flushing.is_newer(claim.partition, *id));
        (claim, ids)
    });
    kept.filter(|(_, ids)| !ids.is_empty()).collect()
}

/// The first and the second half of a batch.
fn halves(lines: Ids, count: usize) -> (Ids, Ids) {
    let (mut first, mut second, mut left) = (Vec::new(), Vec::new(), count / 2);
    for (claim, mut ids) in lines {
        let rest = ids.split_off(left.min(ids.len()));
        left -= ids.len();
        if !rest.is_empty() {
            second.push((claim.clone(), rest));
        }
        if !ids.is_empty() {
            first.push((claim, ids));
        }
    }
    (first, second)
}

/// Ends a batch of which nothing is written, so that nobody has to ask about it.
async fn put_back(state: &State, lines: &[Line]) {
    join_all(lines.iter().map(|line| settle(state, &line.claim, Some(line.number), &[]))).await;
}

async fn settle(state: &State, claim: &Claim, number: Option<u64>, settled: &[Settled]) -> Answer {
    for _ in 0..SETTLE {
        match state.queue().settle(claim, number, settled).await {
            Ok(true) => return Answer::Settled,
            Ok(false) => return Answer::Lost,
            Err(error) => {
                tracing::debug!(%error, "a flush is settled again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    tracing::warn!("a flush could not be settled; the database will be asked what it has");
    Answer::Unknown
}

/// The database has these: drops what that made outdated from the shared store. Before they are settled, so that whoever takes over after a crash does it, too.
pub(super) async fn drop_edges(state: &State, lines: &[(Partition, Vec<QueuedWrite>)]) {
    let Some(inner) = state.inner() else { return };
    let drops = lines.iter().flat_map(|(_, writes)| writes).flat_map(|write| write.drops.iter().cloned());
    drop_shared(&inner, drops.collect()).await;
}

/// These are settled: drops what that made outdated from the memory of this process.
pub(super) fn written(state: &Arc<State>, lines: &[(Partition, Vec<QueuedWrite>)]) {
    let inner = state.inner();
    let writes = || lines.iter().flat_map(|(_, writes)| writes);
    if let Some(inner) = &inner {
        state.locals.drop_outdated(inner, lines, false);
    }
    state.flushed(writes().count() as u64);
    if let (Some(inner), Some(first)) = (&inner, writes().next()) {
        state.count_for(inner, &first.function, Counter::Flushed, writes().count() as u64);
    }
    state.progress.notify_waiters();
}

/// Takes a write out of the queue; it is a dead letter from now on, and readers get what the database has.
pub(super) async fn give_up(
    state: &Arc<State>,
    claim: &Claim,
    mut write: QueuedWrite,
    class: &str,
    error: String,
) {
    let (id, version) = (write.id, write.version);
    let dead = Settled::Dead { id, version, error: error.clone(), halt: state.options.halt };
    if settle(state, claim, None, &[Settled::Failed { id, version }, dead]).await == Answer::Lost {
        // Whoever flushes it next finds the same.
        return;
    }
    write.attempts += 1;
    state.buried(&Buried { partition: claim.partition, write: &write, class, error: &error });
    drop_given_up(state, claim.partition, write).await;
    state.progress.notify_waiters();
}

/// Readers don't get a write that was given up any more.
pub(super) async fn drop_given_up(state: &State, partition: Partition, write: QueuedWrite) {
    let Some(inner) = state.inner() else { return };
    // A queue beside the store says itself what to drop there.
    let own = state.is_shared().then(|| write.target(partition));
    // A write that was given up may have arrived all the same.
    drop_shared(&inner, own.into_iter().chain(write.drops.iter().cloned()).collect()).await;
    state.locals.drop_outdated(&inner, &[(partition, vec![write])], true);
}

/// Drops keys and groups from the shared store, which tells other processes.
pub(super) async fn drop_shared(inner: &crate::cache::Inner, targets: Vec<crate::store::Target>) {
    let Some(remote) = inner.remote.as_ref().filter(|_| !targets.is_empty()) else { return };
    let shared = remote.shared.clone();
    // The cache repeats what can't be sent now.
    let _ = remote.background.spawn(async move { shared.invalidate(targets, None).await }).await;
}
