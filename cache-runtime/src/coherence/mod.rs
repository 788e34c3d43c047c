//! May this process answer from its memory, beside a shared store that others write to?
//!
//! It may while it hears what the others change: everything that was changed before some moment has been dropped here, and that moment is less than
//! `l1_max_lag` ago. See `docs/decisions/0006-memory-beside-redis.md`.

mod fresh;

use crate::{
    clock,
    flight::Flights,
    key::{Key, KeyId},
    l1::{Groups, L1, Names},
    level::Level,
    session,
    shared::millis,
    spec::Spec,
    store::{Change, Ear, Store, StoreErrorKind},
};
use fresh::Fresh;
pub(crate) use fresh::Lag;
use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

/// The pause after the first failed attempt to follow, which doubles up to the last.
const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_LAST: Duration = Duration::from_secs(1);
/// The pause after being refused: somebody has to change something first.
const RETRY_REFUSED: Duration = Duration::from_secs(10);
/// A lag is asked for this often while it lasts, so that one answer may be late.
const BEATS: u32 = 4;
const SHORTEST_BEAT: Duration = Duration::from_millis(5);
const LONGEST_BEAT: Duration = Duration::from_secs(1);

/// Whether entries may be answered from this process.
#[derive(Debug)]
pub(crate) enum Near {
    /// They aren't kept.
    Off,
    /// They are exact: nobody else writes.
    Exact,
    /// While it hears of what others write.
    Following(Arc<Coherence>),
}

impl Near {
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact)
    }

    /// Whether a function that allows this lag may be answered now.
    #[inline]
    pub(crate) fn answers(&self, lag: Lag) -> bool {
        match self {
            Self::Off => false,
            Self::Exact => true,
            Self::Following(coherence) => coherence.answers(lag),
        }
    }

    /// What has to hear of keys whose entries are kept beside a shared store.
    pub(crate) fn beside(&self, lag: Lag) -> Option<&Arc<Coherence>> {
        match self {
            Self::Following(coherence) if lag.is_some() => Some(coherence),
            Self::Off | Self::Exact | Self::Following(_) => None,
        }
    }
}

/// What this process knows of the changes of others.
pub(crate) struct Coherence {
    fresh: Fresh,
    names: Names,
    /// For functions that don't say.
    lag: Option<Duration>,
    /// The shortest lag that anybody allows; nobody follows before there is one.
    shortest: watch::Sender<Option<Duration>>,
    l1: Arc<L1>,
    flights: Arc<Flights>,
    groups: Arc<Groups>,
}

impl std::fmt::Debug for Coherence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Coherence")
            .field("fresh", &self.fresh)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

impl Coherence {
    /// With a lag for functions that don't say.
    pub(crate) fn new(
        lag: Option<Duration>,
        l1: Arc<L1>,
        flights: Arc<Flights>,
        groups: Arc<Groups>,
    ) -> Arc<Self> {
        let lag = lag.filter(|lag| !lag.is_zero());
        let shortest = watch::Sender::new(lag);
        Arc::new(Self { fresh: Fresh::new(), names: Names::new(), lag, shortest, l1, flights, groups })
    }

    /// How far behind a function's answers may be; from now on this process follows if they may.
    ///
    /// What a function says for itself counts. A strict template is answered from here only if it says so.
    pub(crate) fn lag_of(&self, spec: &'static Spec) -> Lag {
        if !spec.strategy.reads() {
            return Lag::NONE;
        }
        let own = spec.l1_max_lag.filter(|lag| !lag.is_zero());
        let lag = own.or_else(|| self.lag.filter(|_| spec.level_in_force() != Level::Strict));
        if let Some(lag) = lag {
            self.shortest.send_if_modified(|shortest| {
                let shorter = shortest.is_none_or(|shortest| lag < shortest);
                if shorter {
                    *shortest = Some(lag);
                }
                shorter
            });
        }
        Lag::of(lag)
    }

    #[inline]
    fn answers(&self, lag: Lag) -> bool {
        lag.is_some()
            && self.fresh.allows(clock::awake(), lag)
            && session::floor().is_none_or(|written| self.fresh.store_time() > written)
    }

    /// Notes a key whose entry may be kept, before the shared store is read or the body runs.
    pub(crate) fn note(&self, key: &Key, id: KeyId) {
        // In this order: what has landed meanwhile is in memory.
        let in_use = |id| self.flights.is_loading(id) || self.l1.contains(id);
        self.names.note(key.partition, &key.text, id, in_use);
    }

    /// Waits until this process has heard something for the first time.
    pub(crate) async fn heard(&self) {
        self.fresh.heard_once().await;
    }

    /// Follows the store for as long as the cache lives.
    pub(crate) async fn follow(self: Arc<Self>, store: Arc<dyn Store>, namespace: String) {
        let mut shortest = self.shortest.subscribe();
        if shortest.wait_for(Option::is_some).await.is_err() {
            return;
        }
        drop(shortest);
        let (mut pause, mut warned) = (RETRY_FIRST, false);
        loop {
            let listener = Listener::new(self.clone());
            let ended = store.follow(listener.clone()).await;
            self.fresh.lost();
            if listener.heard.load(Ordering::Acquire) {
                (pause, warned) = (RETRY_FIRST, false);
            }
            match ended {
                Err(error) if error.kind() == StoreErrorKind::Refused => {
                    if !std::mem::replace(&mut warned, true) {
                        tracing::warn!(
                            namespace,
                            %error,
                            cause = error.source().map(ToString::to_string),
                            "the store doesn't let this process hear of changes, so it is not answered from memory; \
                             a user of Redis needs the channels `&{namespace}:c:*`, and the commands ssubscribe, role and time"
                        );
                    }
                    pause = RETRY_REFUSED;
                }
                Err(error) => tracing::debug!(namespace, %error, "changes of others are not heard of"),
                Ok(()) => {}
            }
            tokio::time::sleep(pause.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
            pause = (pause * 2).min(RETRY_LAST);
        }
    }

    /// Drops what was changed from this process.
    pub(crate) fn changed(&self, change: Change) {
        let Self { names, l1, flights, groups, .. } = self;
        match change {
            Change::Key { text, partition } => {
                for id in names.ids(partition, &text) {
                    flights.invalidate(id, None, || l1.remove(id));
                }
            }
            Change::Group(group) => groups.invalidate(KeyId::of_group(&group.text), None),
            Change::Everything => self.flush(),
        }
    }

    /// Forgets everything, and what is being loaded or read.
    fn flush(&self) {
        self.flights.invalidate_all(|| self.l1.clear());
    }
}

/// What hears of changes while one link to the store lasts.
struct Listener {
    coherence: Arc<Coherence>,
    heard: AtomicBool,
    /// How long the machine has been suspended so far, in milliseconds.
    slept: AtomicU64,
}

/// Entries may live longer than in the store by as much, or by the time between two readings of clocks.
const UNNOTICED: u64 = 100;

impl Listener {
    fn new(coherence: Arc<Coherence>) -> Arc<Self> {
        Arc::new(Self { coherence, heard: AtomicBool::new(false), slept: AtomicU64::new(slept()) })
    }

    /// Whether the machine was suspended since this was asked last: the clock by which entries expire stood still.
    fn has_slept(&self) -> bool {
        let slept = slept();
        slept.saturating_sub(self.slept.swap(slept, Ordering::AcqRel)) > UNNOTICED
    }
}

fn slept() -> u64 {
    millis(clock::awake().saturating_sub(clock::exact()))
}

impl Ear for Listener {
    fn now(&self) -> Duration {
        clock::awake()
    }

    fn every(&self) -> Duration {
        let shortest = self.coherence.shortest.borrow().unwrap_or(LONGEST_BEAT);
        (shortest / BEATS).clamp(SHORTEST_BEAT, LONGEST_BEAT)
    }

    fn changed(&self, change: Change) {
        self.coherence.changed(change);
    }

    fn heard(&self, asked_at: Duration, store_time: Duration) {
        // Nobody knows what was changed between the last link and this one.
        let first = !self.heard.swap(true, Ordering::AcqRel);
        if self.has_slept() || first {
            self.coherence.flush();
        }
        self.coherence.fresh.heard(asked_at, store_time);
    }
}
