//! Why acknowledged writes wait for longer than they should.

use super::{failures::FailedFunction, state::State, waiting::short};
use crate::store::{Depth, StoreError};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

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

    /// Says, once until it is over, that writes wait for longer than they should. `unclaimed` is why the flusher could not claim them.
    pub(super) async fn report_lag(&self, depths: &[Depth], unclaimed: Option<&StoreError>) {
        let waiting = depths.iter().filter(|depth| depth.writes > 0);
        let oldest = waiting.filter_map(|depth| Some((depth.oldest?, depth))).min_by_key(|(id, _)| *id);
        let late = oldest.map(|(id, depth)| (self.age_of(id), id, depth));
        let Some((age, id, depth)) = late.filter(|(age, ..)| *age > self.options.max_delay) else {
            self.lagging.store(false, Ordering::Release);
            return;
        };
        if self.lagging.swap(true, Ordering::AcqRel) {
            return;
        }
        let (function, why) = self.why_waiting(depth, id, unclaimed).await;
        let function = function.as_deref().and_then(|name| name.split(' ').next());
        tracing::warn!(
            seconds = age.as_secs(),
            function,
            "acknowledged writes wait for longer than `max_delay`: {why}"
        );
    }

    async fn why_waiting(
        &self,
        depth: &Depth,
        oldest: u64,
        unclaimed: Option<&StoreError>,
    ) -> (Option<Arc<str>>, Why) {
        // Halted keys are left out.
        let free = match self.queue().peek(depth.partition, 0, 1).await {
            Ok(free) => free.into_iter().next(),
            Err(error) => return (None, Why::Queue(error.to_string())),
        };
        let Some(waiting) = free.filter(|free| free.id <= oldest || depth.dead == 0) else {
            return (None, Why::Halted);
        };
        let function = waiting.function;
        let why = match (self.failures.failing(&function), unclaimed) {
            (Some(failed), _) => Why::Failing(failed),
            (None, _) if !self.flusher().handlers.contains_key(&function) => Why::Unserved,
            (None, Some(error)) => Why::Queue(error.to_string()),
            (None, None) => Why::Unknown,
        };
        (Some(function), why)
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
