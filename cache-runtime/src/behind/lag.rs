//! Why acknowledged writes wait for longer than they should.

use super::{failures::FailedFunction, state::State, waiting::short};
use crate::store::{Depth, EntryKey, Fingerprint, Partition, StoreError};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt,
    sync::{Arc, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What is known of why the oldest write waits.
enum Why {
    /// Its function fails.
    Failing(FailedFunction),
    /// The queue doesn't say what waits, or lets nobody flush it.
    Queue(String),
    /// This process doesn't flush for its function.
    Unserved,
    /// Its key is halted.
    Halted,
    /// Nothing has failed here.
    Unknown,
}

/// The same without what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Failing,
    Queue,
    Unserved,
    Halted,
    Unknown,
}

/// What was said of late writes, and is not over.
#[derive(Debug, Default)]
pub(super) struct Lag {
    said: BTreeSet<(Option<Arc<str>>, Kind)>,
    looked: Option<Instant>,
}

/// Of each function and reason the oldest write. Without a function, it is true of all.
type Found = BTreeMap<(Option<Arc<str>>, Kind), (u64, Why)>;

/// How often it is looked at most who it is that waits.
const LOOKED_EVERY: Duration = Duration::from_secs(1);
/// How many of the oldest writes of a partition are looked at.
const LOOKED_AT: usize = 1_000;
/// How often at least, and at most, it is looked how long writes wait while a batch is written.
const WATCHED: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

impl State {
    /// Functions that nobody here serves, and whose writes are late; of each partition only the oldest writes are looked at.
    pub(super) async fn late_and_unserved(&self, depths: &[Depth]) -> Vec<String> {
        let mut names = BTreeSet::new();
        for depth in depths.iter().filter(|depth| depth.oldest.is_some_and(|id| self.is_late(id))) {
            let oldest = self.queue().peek(depth.partition, 0, LOOKED_AT).await.unwrap_or_default();
            let late = oldest.into_iter().take_while(|waiting| self.is_late(waiting.id));
            names.extend(late.map(|waiting| waiting.function).filter(|function| !self.serves(function)));
        }
        names.into_iter().map(|name| short(&name).to_owned()).collect()
    }

    fn is_late(&self, id: u64) -> bool {
        self.age_of(id) > self.options.max_delay
    }

    /// Goes on telling how long writes wait, for as long as it is asked to: a round may take long, or hang.
    pub(super) async fn watching(self: Arc<Self>) {
        let [shortest, longest] = WATCHED;
        let mut every = tokio::time::interval(self.options.max_delay.clamp(shortest, longest));
        every.tick().await;
        loop {
            every.tick().await;
            if let Ok(depths) = self.queue().depths().await {
                self.saw(&depths);
                self.report_lag(&depths, None).await;
            }
        }
    }

    /// Says, once until it is over, which functions' writes wait for longer than they should, and why. `unclaimed` is why the flusher could not claim them.
    pub(super) async fn report_lag(&self, depths: &[Depth], unclaimed: Option<&StoreError>) {
        let late = |depth: &&Depth| depth.writes > 0 && depth.oldest.is_some_and(|id| self.is_late(id));
        let late: Vec<&Depth> = depths.iter().filter(late).collect();
        {
            let mut lag = self.lag();
            if late.is_empty() {
                *lag = Lag::default();
                return;
            }
            if lag.looked.is_some_and(|at| at.elapsed() < LOOKED_EVERY) {
                return;
            }
            lag.looked = Some(Instant::now());
        }
        let mut found = Found::new();
        for depth in late {
            self.find_late(depth, unclaimed, &mut found).await;
        }
        let mut lag = self.lag();
        lag.said.retain(|(function, _)| found.keys().any(|(late, _)| late == function));
        for ((function, kind), (id, why)) in found {
            let seconds = self.age_of(id).as_secs();
            let name = function.as_deref().map(short);
            if lag.said.insert((function.clone(), kind)) {
                tracing::warn!(
                    seconds,
                    function = name,
                    "acknowledged writes wait for longer than `max_delay`: {why}"
                );
            }
        }
    }

    /// Which functions' writes are late in a partition, and why.
    async fn find_late(&self, depth: &Depth, unclaimed: Option<&StoreError>, found: &mut Found) {
        let Some(oldest) = depth.oldest else { return };
        // Halted keys are left out.
        let free = match self.queue().peek(depth.partition, 0, LOOKED_AT).await {
            Ok(free) => free,
            Err(error) => {
                let why = Why::Queue(error.to_string());
                found.entry((None, why.kind())).or_insert((oldest, why));
                return;
            }
        };
        if free.first().is_none_or(|first| first.id > oldest)
            && let Some(function) = self.halted(depth.partition, oldest).await
        {
            let first = found.entry((Some(function), Kind::Halted)).or_insert((oldest, Why::Halted));
            first.0 = first.0.min(oldest);
        }
        let mut seen: HashSet<Arc<str>> = HashSet::new();
        for waiting in free.into_iter().take_while(|waiting| self.is_late(waiting.id)) {
            if seen.insert(waiting.function.clone()) {
                let why = self.why_waiting(&waiting.function, unclaimed);
                let first = found.entry((Some(waiting.function), why.kind())).or_insert((waiting.id, why));
                first.0 = first.0.min(waiting.id);
            }
        }
    }

    /// The function of a write whose key is halted; `None` if it isn't, or the write has left the queue.
    async fn halted(&self, partition: Partition, id: u64) -> Option<Arc<str>> {
        let write = self.queue().fetch(partition, &[id]).await.ok()?.into_iter().next()?;
        let template = write.function.split_once(' ').map_or("", |(_, template)| template).to_owned();
        let key = EntryKey {
            text: write.key.clone(),
            partition,
            template: template.into(),
            fingerprint: Fingerprint(0),
            groups: Vec::new(),
        };
        let pending = self.queue().look(&key).await.ok()??;
        pending.halted.then_some(write.function)
    }

    fn why_waiting(&self, function: &str, unclaimed: Option<&StoreError>) -> Why {
        match (self.failures.failing(function), unclaimed) {
            (Some(failed), _) => Why::Failing(failed),
            (None, _) if !self.serves(function) => Why::Unserved,
            (None, Some(error)) => Why::Queue(error.to_string()),
            (None, None) => Why::Unknown,
        }
    }

    fn lag(&self) -> MutexGuard<'_, Lag> {
        // A set is whole whatever panicked beside it.
        self.lag.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Why {
    fn kind(&self) -> Kind {
        match self {
            Self::Failing(_) => Kind::Failing,
            Self::Queue(_) => Kind::Queue,
            Self::Unserved => Kind::Unserved,
            Self::Halted => Kind::Halted,
            Self::Unknown => Kind::Unknown,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failing(FailedFunction { error, attempts: 1, .. }) => {
                write!(f, "the function has failed: {error}")
            }
            Self::Failing(FailedFunction { error, attempts, .. }) => {
                write!(f, "the function has failed {attempts} times, the last time with: {error}")
            }
            Self::Queue(error) => write!(f, "the queue can't be flushed: {error}"),
            Self::Unserved => f.write_str(
                "no flusher of this process serves the function; start one with `Cache::flusher` in some process that has it",
            ),
            Self::Halted => {
                f.write_str("their key is halted until its dead letter is replayed or discarded")
            }
            Self::Unknown => f.write_str(
                "no flush has failed here, so its batches take long, or another process holds what waits",
            ),
        }
    }
}
