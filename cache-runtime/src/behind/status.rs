//! What can be seen of pending writes, and done about those that were given up.

use super::{FailedFunction, payload, state::State};
use crate::{
    Cache, Error, Result,
    cache::Inner,
    error::ErrorKind,
    observe::Counter,
    spec::{self, Spec},
    store::{Dead, Depth, Partition, QueuedWrite, Replayed, Target},
};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What this process has done for the queue.
#[derive(Debug, Default)]
pub(super) struct Tally {
    flushed: AtomicU64,
    batches: AtomicU64,
    retries: AtomicU64,
    bisections: AtomicU64,
    dead: AtomicU64,
    busy: AtomicU64,
}

impl Tally {
    pub(super) fn flushed(&self) -> u64 {
        self.flushed.load(Ordering::Relaxed)
    }

    pub(super) fn dead(&self, count: u64) {
        self.dead.fetch_add(count, Ordering::Relaxed);
    }
}

/// The write-behind side of a cache: [`Cache::write_behind`].
#[derive(Clone, Copy, Debug)]
pub struct WriteBehind<'c> {
    pub(super) cache: &'c Cache,
}

/// How much waits, and how the flushing goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteBehindStatus {
    /// Writes that were acknowledged, by whichever process, and that the database may not have yet.
    pub pending: u64,
    /// How old the oldest of them is; zero when none waits.
    pub oldest: Duration,
    /// Whether that is older than [`Queue::max_delay`](crate::Queue::max_delay).
    pub lagging: bool,
    /// Functions whose writes wait for longer than that, and that nobody in this process serves; by name. [`WriteBehind::waiting`] has all of them.
    pub unserved: Vec<String>,
    /// Writes that were given up.
    pub dead_letters: u64,
    /// Partitions in which something waits.
    pub partitions: usize,
    /// Writes that this process has flushed.
    pub flushed: u64,
    /// Calls of batch functions by this process, also those that failed.
    pub batches: u64,
    /// Batches that failed in this process and are, or were, tried again later.
    pub retries: u64,
    /// Batches that this process has cut in two to find a write at fault.
    pub bisections: u64,
    /// How long the batch functions have run altogether in this process.
    pub busy: Duration,
    /// The last error of each function that has failed in this process, also when it passes again since.
    pub failures: Vec<FailedFunction>,
}

/// A write that was given up: acknowledged, and not in the database.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The function that was called, with its type.
    pub function: String,
    /// The key it wrote.
    pub key: String,
    /// The schema of its arguments.
    pub schema: u32,
    /// Its arguments, as JSON.
    pub arguments: String,
    /// The last error, as text.
    pub error: String,
    /// How often it failed by itself.
    pub attempts: u32,
    /// When it was accepted, on the queue's clock.
    pub accepted: SystemTime,
    /// When it was given up, on the queue's clock.
    pub given_up: SystemTime,
    /// Its key is halted until it is replayed or discarded.
    pub halted: bool,
    /// A later write, or a direct one, has replaced the whole value, so replaying it does nothing. Events and deltas are never replaced.
    pub superseded: bool,
    place: (Partition, u64),
}

impl DeadLetter {
    fn of(dead: Dead) -> Self {
        let (schema, arguments) = payload::parts(&dead.write.payload).unwrap_or((0, ""));
        let (accepted, given_up) = dead.times;
        Self {
            function: dead.write.function.split(' ').next().unwrap_or_default().to_owned(),
            key: dead.write.key.to_string(),
            schema,
            arguments: arguments.to_owned(),
            error: dead.error,
            attempts: dead.write.attempts,
            accepted: UNIX_EPOCH + accepted,
            given_up: UNIX_EPOCH + given_up,
            halted: dead.halted,
            superseded: dead.superseded,
            place: (dead.partition, dead.write.id),
        }
    }

    /// Names it among all dead letters of the cache, such as `17-1763750000000000`.
    pub fn id(&self) -> String {
        letter_id(self.place)
    }
}

/// How a dead letter from this place is named.
pub(super) fn letter_id((partition, id): (Partition, u64)) -> String {
    format!("{}-{id}", partition.index())
}

/// Keys and arguments are data of users: they are shown only where they are asked for.
impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadLetter")
            .field("id", &self.id())
            .field("function", &self.function)
            .field("error", &self.error)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

impl Cache {
    /// What waits for the database, and what was given up.
    pub fn write_behind(&self) -> WriteBehind<'_> {
        WriteBehind { cache: self }
    }
}

impl WriteBehind<'_> {
    /// How much waits, and how the flushing goes.
    ///
    /// # Errors
    ///
    /// The queue's. A cache without a queue has nothing pending.
    pub async fn status(&self) -> Result<WriteBehindStatus> {
        let Some(state) = self.cache.0.behind.state() else { return Ok(WriteBehindStatus::default()) };
        let depths = state.queue().depths().await?;
        state.saw(&depths);
        state.report_lag(&depths, None).await;
        let Tally { flushed, batches, retries, bisections, busy, .. } = &state.tally;
        let oldest = depths.iter().filter_map(|depth| depth.oldest).min();
        let oldest = oldest.map_or(Duration::ZERO, |id| state.age_of(id));
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Ok(WriteBehindStatus {
            pending: depths.iter().map(|depth| depth.writes).sum(),
            oldest,
            lagging: oldest > state.options.max_delay,
            unserved: state.late_and_unserved(&depths).await,
            dead_letters: depths.iter().map(|depth| depth.dead).sum(),
            partitions: depths.iter().filter(|depth| depth.writes > 0).count(),
            flushed: read(flushed),
            batches: read(batches),
            retries: read(retries),
            bisections: read(bisections),
            busy: Duration::from_micros(read(busy)),
            failures: state.failures.list(),
        })
    }

    /// The writes that were given up, by whichever process, oldest first.
    ///
    /// # Errors
    ///
    /// The queue's.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>> {
        let Some(state) = self.cache.0.behind.state() else { return Ok(Vec::new()) };
        let mut dead: Vec<_> = state.queue().dead().await?.into_iter().map(DeadLetter::of).collect();
        dead.sort_by_key(|letter| (letter.given_up, letter.place.1));
        Ok(dead)
    }

    /// Queues a dead letter again under its own name: readers see it again, and it is flushed like any other write. `false` if a later
    /// write has replaced it, or it is gone.
    ///
    /// # Errors
    ///
    /// The queue's.
    pub async fn replay(&self, letter: &DeadLetter) -> Result<bool> {
        let Some(state) = self.cache.0.behind.state() else { return Ok(false) };
        let (partition, id) = letter.place;
        let replayed = state.queue().replay(partition, id).await?;
        if replayed == Replayed::Queued {
            self.changed(state, letter).await;
            state.ensure();
            state.hurry.notify_one();
        }
        Ok(replayed == Replayed::Queued)
    }

    /// Queues all dead letters again that no later write has replaced; returns how many these are.
    ///
    /// # Errors
    ///
    /// The queue's; some may be queued by then.
    pub async fn replay_all(&self) -> Result<usize> {
        let mut replayed = 0;
        for letter in self.dead_letters().await? {
            replayed += usize::from(self.replay(&letter).await?);
        }
        Ok(replayed)
    }

    /// Forgets a dead letter: the acknowledged write is lost. `false` if it is gone already.
    ///
    /// # Errors
    ///
    /// The queue's.
    pub async fn discard(&self, letter: &DeadLetter) -> Result<bool> {
        let Some(state) = self.cache.0.behind.state() else { return Ok(false) };
        let (partition, id) = letter.place;
        let discarded = state.queue().discard(partition, id).await?;
        if discarded {
            self.changed(state, letter).await;
        }
        Ok(discarded)
    }

    /// Forgets all dead letters; returns how many there were.
    ///
    /// # Errors
    ///
    /// The queue's; some may be forgotten by then.
    pub async fn discard_all(&self) -> Result<usize> {
        let mut discarded = 0;
        for letter in self.dead_letters().await? {
            discarded += usize::from(self.discard(&letter).await?);
        }
        Ok(discarded)
    }

    /// The dead letter of this [`DeadLetter::id`].
    ///
    /// # Errors
    ///
    /// When there is none, or the queue's.
    pub async fn dead_letter(&self, id: &str) -> Result<DeadLetter> {
        let found = self.dead_letters().await?.into_iter().find(|letter| letter.id() == id);
        found.ok_or_else(|| Error::new(ErrorKind::Config, format!("there is no dead letter `{id}`")))
    }

    /// What readers get for the key has changed.
    async fn changed(&self, state: &State, letter: &DeadLetter) {
        let inner = &self.cache.0;
        let target = Target::Key {
            text: letter.key.as_str().into(),
            partition: letter.place.0,
            template: String::new().into(),
            version: None,
        };
        super::batch::drop_shared(inner, vec![target]).await;
        inner.flights.invalidate_all(|| inner.l1.clear());
        state.progress.notify_waiters();
    }
}

impl QueuedWrite {
    /// The key it writes.
    pub(super) fn target(&self, partition: Partition) -> Target {
        let template = self.function.split_once(' ').map_or("", |(_, template)| template).to_owned();
        Target::Key { text: self.key.clone(), partition, template: template.into(), version: None }
    }
}

impl State {
    /// How long ago a place in the queue was given.
    pub(super) fn age_of(&self, id: u64) -> Duration {
        let now = match self.inner().as_ref().and_then(|inner| inner.remote.as_ref()) {
            Some(remote) if self.is_shared() => Duration::from_millis(remote.shared.now_ms()),
            _ => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        };
        now.saturating_sub(Duration::from_micros(id))
    }

    /// Remembers how much waits.
    pub(super) fn saw(&self, depths: &[Depth]) {
        let pending: u64 = depths.iter().map(|depth| depth.writes).sum();
        self.pending.store(pending, Ordering::Release);
        #[cfg(feature = "metrics")]
        {
            let oldest = depths.iter().filter_map(|depth| depth.oldest).min();
            let oldest = oldest.map_or(Duration::ZERO, |id| self.age_of(id));
            let dead: u64 = depths.iter().map(|depth| depth.dead).sum();
            let namespace = self.namespace.to_string();
            #[expect(clippy::cast_precision_loss, reason = "a gauge")]
            for (name, value) in [
                ("cache_pending_writes", pending as f64),
                ("cache_oldest_pending_seconds", oldest.as_secs_f64()),
                ("cache_dead_letters", dead as f64),
            ] {
                metrics::gauge!(name, "namespace" => namespace.clone()).set(value);
            }
        }
    }

    /// So many writes left the queue.
    pub(super) fn flushed(&self, count: u64) {
        self.tally.flushed.fetch_add(count, Ordering::Relaxed);
        let less = |pending: u64| Some(pending.saturating_sub(count));
        let _ = self.pending.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
    }

    /// A batch or a write of this function failed, and is tried again later.
    pub(super) fn retried(&self, function: &str) {
        self.tally.retries.fetch_add(1, Ordering::Relaxed);
        self.tell("cache_flush_retries_total", function);
    }

    /// A batch of this function was cut in two.
    pub(super) fn halved(&self, function: &str) {
        self.tally.bisections.fetch_add(1, Ordering::Relaxed);
        self.tell("cache_flush_halvings_total", function);
    }

    #[cfg_attr(not(feature = "metrics"), allow(unused_variables, clippy::unused_self))]
    fn tell(&self, metric: &'static str, function: &str) {
        #[cfg(feature = "metrics")]
        if let Some(spec) = self.flusher().handlers.get(function).map(|handler| handler.spec) {
            metrics::counter!(metric, "function" => spec.function).increment(1);
        }
    }

    /// A batch function was called.
    pub(super) fn took(&self, spec: &'static Spec, time: Duration, writes: usize) {
        self.tally.batches.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.tally.busy.fetch_add(micros, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        {
            metrics::histogram!("cache_flush_seconds", "function" => spec.function)
                .record(time.as_secs_f64());
            #[expect(clippy::cast_precision_loss, reason = "a histogram")]
            metrics::histogram!("cache_flush_writes", "function" => spec.function).record(writes as f64);
        }
        #[cfg(not(feature = "metrics"))]
        let _ = (spec, writes);
    }

    /// Counts for the function of this name, if it was called here.
    pub(super) fn count_for(&self, inner: &Inner, function: &Arc<str>, counter: Counter, count: u64) {
        let spec = self.flusher().handlers.get(function).map(|handler| handler.spec);
        if let Some(function) = spec.and_then(|spec: &'static spec::Spec| inner.known_function(spec)) {
            function.counters.add_many(counter, count);
        }
    }
}
