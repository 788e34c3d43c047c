//! Who writes out what was acknowledged, and when.
//!
//! A flusher holds the claims of the partitions it flushes. It goes round: settle what an earlier holder has left, see what waits, and write
//! batch after batch ([`batch`](super::batch)). What became of batches that nobody saw the end of is in [`doubts`](super::doubts).

use super::{
    batch::{self, Wrote},
    doubts::Doubt,
    plan::Plan,
    state::State,
};
use crate::store::{Claim, Depth, Partition, QueuedWrite, StoreError, Token, Waiting};
use futures_util::future::{join, join_all};
use std::{
    collections::{HashMap, HashSet},
    future::Future,
    hash::Hash,
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

const FIRST_BACK_OFF: Duration = Duration::from_millis(100);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// How long a partition with nothing but writes of functions that this process doesn't know is left to others.
const LEFT_TO_OTHERS: Duration = Duration::from_secs(1);
/// How many writes of a partition are looked at in one round.
const LOOKED_AT: usize = 2_000;

/// A flusher of this process.
pub(super) struct Flushing {
    pub(super) state: Arc<State>,
    holder: Token,
    pub(super) failing: HashMap<Arc<str>, BackOff>,
    /// What was claimed last, and when.
    claims: Vec<Claim>,
    claimed_at: Option<Instant>,
    /// Partitions that are left to others.
    left: Pauses<Partition>,
    /// Writes that only a later release can read. Another may take their place meanwhile.
    newer: Pauses<(Partition, u64)>,
    /// Writes that failed by themselves.
    aside: Pauses<(Partition, u64)>,
    /// Batches whose transaction may or may not have committed.
    pub(super) doubts: Vec<Doubt>,
}

/// What was seen of a partition.
struct Seen {
    waiting: Vec<Waiting>,
    /// There may be more.
    more: bool,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Nothing could be written.
    Idle,
    Wrote,
    /// It ended early, and the next should begin at once.
    Again,
}

/// What is left alone, and until when.
struct Pauses<K>(HashMap<K, Instant>);

impl<K> Default for Pauses<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash> Pauses<K> {
    fn begin(&mut self, what: K, time: Duration) {
        self.0.insert(what, Instant::now() + time);
    }

    /// Forgets those that are over.
    fn end(&mut self) {
        self.0.retain(|_, until| *until > Instant::now());
    }

    fn has(&self, what: &K) -> bool {
        self.0.get(what).is_some_and(|until| *until > Instant::now())
    }

    fn ends(&self) -> impl Iterator<Item = Instant> {
        self.0.values().copied()
    }
}

/// How long a function is left alone after its batch failed.
pub(super) struct BackOff {
    failures: u32,
    until: Instant,
}

/// How long to wait after so many failures.
fn pause_after(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let longest = FIRST_BACK_OFF.saturating_mul(1 << doublings).min(LONGEST_BACK_OFF);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

impl Flushing {
    pub(super) fn new(state: Arc<State>) -> Self {
        Self {
            holder: state.new_holder(),
            state,
            failing: HashMap::new(),
            claims: Vec::new(),
            claimed_at: None,
            left: Pauses::default(),
            newer: Pauses::default(),
            aside: Pauses::default(),
            doubts: Vec::new(),
        }
    }

    /// Flushes until nothing is left to do.
    pub(super) async fn run(mut self) {
        let state = self.state.clone();
        let mut pause = state.options.flush_every;
        loop {
            // Either enough time has passed for others to be flushed along, or somebody waits.
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = state.hurry.notified() => {}
            }
            state.looks();
            pause = match state.queue().depths().await {
                // Looking is cheap; claiming is not, where every claim is a write.
                Ok(depths) if depths.iter().all(|depth| depth.writes == 0) => {
                    state.saw(&depths);
                    state.report_lag(&depths, None).await;
                    if self.is_over(&depths) && state.rest() {
                        let _ = state.queue().yield_claims(self.holder).await;
                        return;
                    }
                    state.options.flush_every
                }
                Ok(depths) => {
                    state.saw(&depths);
                    self.round(&depths).await
                }
                Err(error) => {
                    tracing::debug!(%error, "the write-behind queue can't be flushed now");
                    state.options.flush_every.max(FIRST_BACK_OFF)
                }
            };
        }
    }

    /// Whether nothing could be replayed either. In a queue that others share, what was given up is theirs too.
    fn is_over(&self, depths: &[Depth]) -> bool {
        self.state.is_shared() || depths.iter().all(|depth| depth.dead == 0)
    }

    /// Writes everything that waits and can be flushed now; returns how long to wait unless somebody is in a hurry.
    async fn round(&mut self, depths: &[Depth]) -> Duration {
        self.left.end();
        self.newer.end();
        self.aside.end();
        let (keeping, watching) = (self.keeping(), self.state.clone().watching());
        tokio::select! {
            biased;
            pause = self.flush(depths) => pause,
            ((), ()) = join(keeping, watching) => Duration::ZERO,
        }
    }

    async fn flush(&mut self, depths: &[Depth]) -> Duration {
        let every = self.state.options.flush_every;
        let claimed = self.claim(depths).await;
        self.state.report_lag(depths, claimed.as_ref().err()).await;
        if let Err(error) = claimed {
            tracing::debug!(%error, "the write-behind queue can't be flushed now");
            return every.max(FIRST_BACK_OFF);
        }
        let claims = self.claims.clone();
        self.settle_doubts(&claims).await;
        let doubtful: HashSet<Partition> =
            self.doubts.iter().flat_map(|doubt| &doubt.lines).map(|line| line.claim.partition).collect();
        let claims: Vec<Claim> =
            claims.into_iter().filter(|claim| !doubtful.contains(&claim.partition)).collect();
        if let Some(until) = self.nothing_before() {
            // It is claimed again in time.
            return until.saturating_duration_since(Instant::now()).min(self.state.options.claim_lease / 3);
        }
        let seen = join_all(claims.iter().map(|claim| self.look(claim))).await;
        let more = seen.iter().any(|seen| seen.more);
        let waiting: Vec<Vec<Waiting>> = seen.into_iter().map(|seen| seen.waiting).collect();
        let plan = Plan::new(waiting, self.state.options.batch, self.state.options.batch_bytes);
        let came = self.write(plan, &claims).await;
        // There is more than was looked at, or what was left holds back what only a new plan knows. But what can't be written now is no reason to hurry.
        if came == Round::Again || more && came == Round::Wrote {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let retries = self.failing.values().map(|back_off| back_off.until).chain(self.aside.ends());
        let retry = retries.map(|until| until.saturating_duration_since(now)).min();
        retry.unwrap_or(every).min(every)
    }

    /// Claims the partitions in which writes wait, unless it has them, and won't lose them soon.
    async fn claim(&mut self, depths: &[Depth]) -> Result<(), StoreError> {
        let lease = self.state.options.claim_lease;
        let fresh = self.claimed_at.is_some_and(|at| at.elapsed() < lease / 3);
        let mine: HashSet<Partition> = self.claims.iter().map(|claim| claim.partition).collect();
        let keeps = !mine.iter().any(|partition| self.left.has(partition));
        if fresh && keeps && depths.iter().all(|depth| depth.writes == 0 || mine.contains(&depth.partition)) {
            return Ok(());
        }
        self.claimed_at = None;
        let asked_at = Instant::now();
        let claims = self.state.queue().claim(self.holder, lease, &self.left_to_others()).await?;
        self.claims = self.settle_what_was_left(claims).await;
        self.claimed_at = Some(asked_at);
        Ok(())
    }

    fn left_to_others(&self) -> Vec<Partition> {
        self.left.0.keys().copied().collect()
    }

    /// Keeps the claims for as long as it is asked to. Whether one was lost is seen when a batch is settled.
    fn keeping(&self) -> impl Future<Output = ()> + 'static {
        let (state, holder, except) = (self.state.clone(), self.holder, self.left_to_others());
        let lease = state.options.claim_lease;
        async move {
            let mut every = tokio::time::interval(lease / 3);
            every.tick().await;
            loop {
                every.tick().await;
                let _ = state.queue().claim(holder, lease, &except).await;
            }
        }
    }

    /// What waits in a partition, as far as the first that can be flushed now. What can't be holds back what comes after it in its key.
    async fn look(&self, claim: &Claim) -> Seen {
        let mut seen = Seen { waiting: Vec::new(), more: true };
        let mut blocked: HashSet<Arc<str>> = HashSet::new();
        let mut any_free = false;
        while seen.more && !any_free {
            let after = seen.waiting.last().map_or(0, |last| last.id);
            let page =
                self.state.queue().peek(claim.partition, after, LOOKED_AT).await.unwrap_or_else(|error| {
                    tracing::debug!(%error, "what waits in a partition isn't known now");
                    Vec::new()
                });
            seen.more = page.len() == LOOKED_AT;
            any_free = page.iter().any(|waiting| {
                let free = self.is_usable(claim, waiting) && !blocked.contains(&waiting.key);
                if !free {
                    blocked.insert(waiting.key.clone());
                }
                free
            });
            seen.waiting.extend(page);
        }
        seen
    }

    /// Writes batch after batch.
    async fn write(&mut self, mut plan: Plan, claims: &[Claim]) -> Round {
        let mut came = Round::Idle;
        let usable = |this: &Self, place: usize, waiting: &Waiting| {
            claims.get(place).is_some_and(|claim| this.is_usable(claim, waiting))
        };
        while let Some(chosen) = plan.next(|place, waiting| usable(self, place, waiting)) {
            let lines =
                chosen.lines.into_iter().filter_map(|(place, ids)| Some((claims.get(place)?.clone(), ids)));
            let lines: Vec<_> = lines.collect();
            let wrote = batch::write(self, &chosen.function, lines).await;
            if wrote != (Wrote::Later { any: false }) {
                self.failing.remove(&chosen.function);
            }
            match wrote {
                Wrote::All => came = Round::Wrote,
                Wrote::Some => return Round::Again,
                Wrote::Later { .. } => {
                    // A claim may be what was lost.
                    self.claimed_at = None;
                    self.back_off(chosen.function);
                    // What is left of it holds back its keys; and while it is in doubt, the partition's next batch would hide whether the database has it.
                    return Round::Again;
                }
            }
        }
        self.leave_to_others(claims, &plan);
        came
    }

    /// A write was found that only a later release can read.
    pub(super) fn found_newer(&mut self, partition: Partition, id: u64) {
        self.newer.begin((partition, id), LEFT_TO_OTHERS);
    }

    /// A write has failed by itself so often: it rests, and with it what comes after it in its key, while others are written.
    pub(super) fn put_aside(&mut self, partition: Partition, write: &QueuedWrite, failures: u32) {
        self.state.retried(&write.function);
        self.aside.begin((partition, write.id), pause_after(failures));
    }

    pub(super) fn is_newer(&self, partition: Partition, id: u64) -> bool {
        self.newer.has(&(partition, id))
    }

    fn is_usable(&self, claim: &Claim, waiting: &Waiting) -> bool {
        let known = self.state.flusher().handlers.contains_key(&waiting.function);
        let resting = self.resting_until(&waiting.function).is_some();
        let place = (claim.partition, waiting.id);
        known && !resting && !self.aside.has(&place) && !self.newer.has(&place)
    }

    /// Until when a function is left alone, if it is.
    pub(super) fn resting_until(&self, function: &str) -> Option<Instant> {
        let until = self.failing.get(function)?.until;
        (until > Instant::now()).then_some(until)
    }

    pub(super) fn back_off(&mut self, function: Arc<str>) {
        let failures = self.failing.get(&function).map_or(0, |back_off| back_off.failures).saturating_add(1);
        let until = Instant::now() + pause_after(failures);
        self.state.retried(&function);
        self.failing.insert(function, BackOff { failures, until });
    }

    /// Where everything that is left is for others, they get a chance.
    fn leave_to_others(&mut self, claims: &[Claim], plan: &Plan) {
        for (place, claim) in claims.iter().enumerate() {
            let mine = plan.left(place).any(|waiting| {
                self.state.flusher().handlers.contains_key(&waiting.function)
                    && !self.is_newer(claim.partition, waiting.id)
            });
            if !plan.is_done(place) && !mine {
                self.leave(claim.partition);
            }
        }
    }

    pub(super) fn leave(&mut self, partition: Partition) {
        self.left.begin(partition, LEFT_TO_OTHERS.mul_f64(0.5 + fastrand::f64()));
    }

    /// Until when nothing can be written, because every function that is served here has just failed: what waits needn't be looked at before.
    fn nothing_before(&self) -> Option<Instant> {
        let flusher = self.state.flusher();
        let rests = flusher.handlers.keys().map(|function| self.resting_until(function));
        rests.collect::<Option<Vec<_>>>()?.into_iter().min()
    }
}
