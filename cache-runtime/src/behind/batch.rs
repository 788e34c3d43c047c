//! How one batch is written, and what happens when the database doesn't take it.

use super::{
    deferred::{Arguments, Handler, Lane},
    failure::{Failure, FailureKind},
    flusher::{Doubt, Flushing},
    payload::Unfit,
    scope::Scope,
    state::State,
};
use crate::{
    clock,
    observe::Counter,
    store::{Claim, Partition, QueuedWrite, Settled},
};
use futures_util::{FutureExt, future::join_all};
use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
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
    /// Only the database knows, and it will be asked.
    InDoubt,
    /// Nothing is left of it: it belongs to somebody else by now.
    Gone,
}

/// Writes one batch of one function, looking for the writes at fault when it fails; `false` when it should be tried again later.
pub(super) async fn write(
    flushing: &mut Flushing,
    function: &Arc<str>,
    lines: Vec<(Claim, Vec<u64>)>,
) -> bool {
    let state = flushing.state.clone();
    // Held over the database's work on purpose: a direct write that could not wait for the flush of its key keeps it away.
    let _no_direct_write = state.flushing.write().await;
    let Some(handler) = state.flusher().handlers.get(function).cloned() else { return true };
    let mut refused: Vec<Refused> = Vec::new();
    let (mut later, mut any_written) = (false, false);
    let mut open = vec![lines];
    // Of a batch that is cut, what comes after a write to the same key that is not written has to wait with it.
    let mut keys: HashMap<(Partition, u64), Arc<str>> = HashMap::new();
    let mut waiting: HashSet<(Partition, Arc<str>)> = HashSet::new();
    while let Some(mut ids) = open.pop() {
        for (claim, ids) in &mut ids {
            let partition = claim.partition;
            let waits = |id: &u64| {
                keys.get(&(partition, *id)).is_some_and(|key| waiting.contains(&(partition, key.clone())))
            };
            ids.retain(|id| !waits(id));
        }
        let Ok(lines) = take(&state, &ids).await else {
            later = true;
            continue;
        };
        let count = lines.iter().map(|line| line.writes.len()).sum::<usize>();
        for line in &lines {
            let partition = line.claim.partition;
            keys.extend(line.writes.iter().map(|write| ((partition, write.id), write.key.clone())));
        }
        match write_once(flushing, &handler, &lines).await {
            Came::Written => any_written = true,
            Came::Gone => {}
            Came::Later => {
                // The rest would come to the same.
                later = true;
                break;
            }
            Came::InDoubt => {
                flushing.doubts.push(Doubt { function: function.clone(), lines });
                later = true;
                // The next batch of these partitions has to wait for the answer.
                break;
            }
            Came::Failed(failure) if count <= 1 => {
                let only =
                    lines.into_iter().find_map(|line| Some((line.writes.into_iter().next()?, line.claim)));
                waiting.extend(only.iter().map(|(write, claim)| (claim.partition, write.key.clone())));
                refused.extend(only.map(|(write, claim)| Refused { claim, write, failure }));
            }
            Came::Failed(_) => {
                state.tally.bisected();
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
    later |= !doubtful.is_empty();
    for Refused { claim, write, failure } in guilty {
        if write.attempts + 1 < state.options.attempts {
            let failed = Settled::Failed { id: write.id, version: write.version };
            settle(&state, &claim, &[failed]).await;
            later = true;
        } else {
            give_up(&state, &claim, write, failure.message).await;
        }
    }
    !later
}

/// Takes the writes, partition by partition; those of lost claims are left out.
async fn take(state: &State, ids: &[(Claim, Vec<u64>)]) -> Result<Vec<Line>, crate::store::StoreError> {
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
    let (batch, lanes, unreadable) = open(flushing, handler, lines);
    for (claim, write, why) in unreadable {
        give_up(&state, &claim, write, why).await;
    }
    if batch.is_empty() {
        return Came::Gone;
    }
    let writes = batch.len();
    let scope = Scope::new(state.progress_as(), lanes);
    let span = tracing::debug_span!("cache.flush", function = handler.spec.function, writes);
    let begun = clock::exact();
    let flushed = scope.clone().run(handler.flush(batch, state.options.classify.clone()).instrument(span));
    let flushed = AssertUnwindSafe(flushed).catch_unwind().await.unwrap_or_else(|_| Err(Failure::panicked()));
    state.took(handler.spec, clock::since(begun), writes);
    let failure = match flushed {
        Ok(()) => {
            let mut mine = Vec::with_capacity(lines.len());
            for line in lines {
                let writes: Vec<_> = line
                    .writes
                    .iter()
                    .filter(|write| !flushing.newer.contains(&(line.claim.partition, write.id)))
                    .cloned()
                    .collect();
                let done: Vec<_> = writes
                    .iter()
                    .map(|write| Settled::Done { id: write.id, version: write.version })
                    .collect();
                mine.push((line, writes, done));
            }
            join_all(mine.iter().map(|(line, _, done)| settle(&state, &line.claim, done))).await;
            let all: Vec<_> =
                mine.into_iter().map(|(line, writes, _)| (line.claim.partition, writes)).collect();
            written(&state, &all).await;
            return Came::Written;
        }
        Err(failure) => failure,
    };
    if scope.is_fenced() {
        tracing::info!(function = handler.spec.function, "another flusher has taken over a partition");
        return Came::Gone;
    }
    if handler.is_exact() && !failure.decided {
        tracing::warn!(error = %failure.message, writes, "it is not known whether a flush was committed; the database will be asked");
        return Came::InDoubt;
    }
    // Put back what was taken, so that nobody else has to ask about it.
    join_all(lines.iter().map(|line| settle(&state, &line.claim, &[]))).await;
    match failure.kind {
        FailureKind::Transient => {
            tracing::warn!(error = %failure.message, writes, "a flush failed and will be repeated");
            Came::Later
        }
        FailureKind::Permanent | FailureKind::Unknown => Came::Failed(failure),
    }
}

type Opened = (Vec<(Arc<str>, Arguments)>, Vec<Lane>, Vec<(Claim, QueuedWrite, String)>);

/// Reads the arguments of what was taken. What only a later release can read is remembered and left.
fn open(flushing: &mut Flushing, handler: &Handler, lines: &[Line]) -> Opened {
    let (mut batch, mut lanes, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let before = batch.len();
        for write in &line.writes {
            match handler.open(&write.payload) {
                Ok(arguments) => batch.push((write.key.clone(), arguments)),
                Err(Unfit::Newer) => {
                    flushing.newer.insert((line.claim.partition, write.id));
                }
                Err(Unfit::Unreadable(why)) => unreadable.push((line.claim.clone(), write.clone(), why)),
            }
        }
        if batch.len() > before {
            let Claim { partition, epoch, .. } = line.claim;
            lanes.push(Lane { partition, epoch, number: line.number });
        }
    }
    (batch, lanes, unreadable)
}

/// What is to be taken: of each partition the ids.
type Ids = Vec<(Claim, Vec<u64>)>;

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

/// Settles; when the claim was lost, or no answer comes, the next holder will find out what became of the batch.
pub(super) async fn settle(state: &State, claim: &Claim, settled: &[Settled]) -> bool {
    for _ in 0..SETTLE {
        match state.queue().settle(claim, settled).await {
            Ok(mine) => return mine,
            Err(error) => {
                tracing::debug!(%error, "a flush is settled again");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    tracing::warn!("a flush could not be settled; whoever flushes the partition next will find out");
    false
}

/// The database has these: drops what that made outdated.
pub(super) async fn written(state: &Arc<State>, lines: &[(Partition, Vec<QueuedWrite>)]) {
    let inner = state.inner();
    let writes = || lines.iter().flat_map(|(_, writes)| writes);
    if let Some(inner) = &inner {
        let drops = writes().flat_map(|write| write.drops.iter().cloned()).collect();
        drop_shared(inner, drops).await;
        for (partition, writes) in lines {
            for write in writes {
                state.locals.drop_outdated(inner, *partition, write, false);
            }
        }
    }
    state.flushed(writes().count() as u64);
    if let (Some(inner), Some(first)) = (&inner, writes().next()) {
        state.count_for(inner, &first.function, Counter::Flushed, writes().count() as u64);
    }
    state.progress.notify_waiters();
}

/// Takes a write out of the queue; it is a dead letter from now on, and readers get what the database has.
pub(super) async fn give_up(state: &Arc<State>, claim: &Claim, write: QueuedWrite, error: String) {
    tracing::error!(
        function = &*write.function,
        attempts = write.attempts + 1,
        error,
        "an acknowledged write was given up; it is a dead letter"
    );
    let halt = state.options.halt;
    let (id, version) = (write.id, write.version);
    settle(state, claim, &[Settled::Failed { id, version }, Settled::Dead { id, version, error, halt }])
        .await;
    state.tally.dead(1);
    state.flushed(1);
    if let Some(inner) = state.inner() {
        let own = write.target(claim.partition);
        // A write that was given up may have arrived all the same.
        drop_shared(&inner, std::iter::once(own).chain(write.drops.iter().cloned()).collect()).await;
        state.locals.drop_outdated(&inner, claim.partition, &write, true);
        state.count_for(&inner, &write.function, Counter::DeadLetter, 1);
    }
    state.progress.notify_waiters();
}

/// Drops keys and groups from the shared store, which tells other processes.
pub(super) async fn drop_shared(inner: &crate::cache::Inner, targets: Vec<crate::store::Target>) {
    let Some(remote) = inner.remote.as_ref().filter(|_| !targets.is_empty()) else { return };
    let shared = remote.shared.clone();
    // The cache repeats what can't be sent now.
    let _ = remote.background.spawn(async move { shared.invalidate(targets, None).await }).await;
}
