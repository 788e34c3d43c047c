//! What the write-behind side of a cache is made of, and how to wait for the database.

use super::{Queue, failures::Failures, locals::Locals, options::Kind, running::Flusher, scope, waiting};
use crate::{
    Error, Result,
    cache::{Inner, Remote},
    edge::{Edge, EdgeName},
    error::ErrorKind,
    shared::Shared,
    spec::Spec,
    store::{
        Depth, EntryKey, Fingerprint, Fitness, Partition, Pending, Promise, Store, StoreError, Token,
        Waiting, WriteQueue,
    },
};
use std::{
    borrow::Cow,
    fmt,
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, futures::Notified};

/// How long a direct write waits for what was acknowledged for its key before.
pub(super) const DRAIN: Duration = Duration::from_secs(5);
/// How long it then waits for a flush under way.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// How often somebody who waits looks at the queue, if nothing tells him earlier.
pub(super) const LOOK: Duration = Duration::from_millis(20);
/// How often he looks at the longest, and how long no write takes less than: many are not gone soon, and looking at them costs those who flush them.
const LONGEST_LOOK: Duration = Duration::from_millis(500);
const SHORTEST_FLUSH: Duration = Duration::from_micros(10);

/// The write-behind side of a cache.
#[derive(Clone)]
pub(crate) struct Behind(Option<Arc<State>>, &'static str);

/// What a write-behind function says without a queue.
const NO_QUEUE: &str = "the cache has no queue for it: name one, such as `Cache::builder().write_behind(Queue::redis_fsync())`, `Queue::sql(&pool)`, or \
    `Queue::memory()`, which loses what is not flushed when the process is killed";
/// What a queue inside the shared store says without one.
const NO_STORE: &str = "the queue is part of the shared store, and this cache has none, or one without a queue: give it one, such as \
    `.namespace(..).redis(url)`, or name another queue, such as `Queue::sql(&pool)`";

pub(super) struct State {
    place: Place,
    pub(super) options: Queue,
    #[cfg(feature = "metrics")]
    pub(super) namespace: Arc<str>,
    /// Under which name the database keeps how far the batches came.
    progress_as: Arc<str>,
    /// The cache, once it was told.
    pub(super) inner: OnceLock<Weak<Inner>>,
    /// What this process flushes, and its task. A handler holds its repository, and that the cache: both are gone when nothing is left to flush.
    pub(super) flusher: Mutex<Flusher>,
    /// Calls that are about to enqueue: their handlers stay.
    pub(super) entering: AtomicUsize,
    pub(super) closed: AtomicBool,
    /// In whose name the flusher of this process holds claims; each task has a name of its own, so that it doesn't pass for one whose batches it knows nothing of.
    pub(super) holder: Mutex<Option<Token>>,
    /// Keeps flushes of this process apart from direct writes that could not wait for them.
    pub(super) flushing: Arc<tokio::sync::RwLock<()>>,
    pub(super) locals: Locals,
    /// A flush is wanted now.
    pub(super) hurry: Notify,
    /// Writes have left the queue.
    pub(super) progress: Notify,
    /// How many writes waited when that was known last.
    pub(super) pending: AtomicU64,
    /// How many writes were queued here since the flusher looked last.
    pub(super) unseen: AtomicU64,
    pub(super) tally: super::status::Tally,
    pub(super) failures: Arc<Failures>,
    pub(super) lag: Mutex<super::lag::Lag>,
}

/// The queue: part of the shared store, or one of its own.
enum Place {
    Own(Arc<dyn WriteQueue>),
    Shared(Arc<Shared>),
}

impl fmt::Debug for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Behind").field(&self.options()).finish()
    }
}

impl Behind {
    /// The write-behind side of a cache whose shared store is this.
    pub(crate) fn new(options: Option<Queue>, namespace: &str, remote: Option<&Remote>) -> Self {
        let Some(options) = options else { return Self(None, NO_QUEUE) };
        let place = match (&options.kind, remote) {
            (Kind::Own { make, .. }, _) => Place::Own(make(namespace)),
            (Kind::Shared { .. }, Some(remote)) if remote.shared.store.queue().is_some() => {
                Place::Shared(remote.shared.clone())
            }
            (Kind::Shared { .. }, _) => return Self(None, NO_STORE),
        };
        // The batches of a queue that nobody shares are nobody else's business: another process with the same name would be shut out.
        let progress_as = if options.is_private() {
            format!("{namespace} {:032x}", Token::random().0).into()
        } else {
            namespace.into()
        };
        Self(
            Some(Arc::new(State {
                place,
                options,
                #[cfg(feature = "metrics")]
                namespace: namespace.into(),
                progress_as,
                inner: OnceLock::new(),
                flusher: Mutex::default(),
                entering: AtomicUsize::new(0),
                closed: AtomicBool::new(false),
                holder: Mutex::default(),
                flushing: Arc::default(),
                locals: Locals::default(),
                hurry: Notify::new(),
                progress: Notify::new(),
                pending: AtomicU64::new(0),
                unseen: AtomicU64::new(0),
                tally: super::status::Tally::default(),
                failures: Arc::default(),
                lag: Mutex::default(),
            })),
            NO_QUEUE,
        )
    }

    pub(super) fn state(&self) -> Option<&Arc<State>> {
        self.0.as_ref()
    }

    /// Why there is no state: what is missing.
    pub(super) fn missing(&self) -> &'static str {
        self.1
    }

    pub(super) fn options(&self) -> Option<&Queue> {
        self.0.as_ref().map(|state| &state.options)
    }

    /// Under which name the database keeps how far the batches came.
    #[cfg(feature = "sqlx")]
    pub(crate) fn progress_as(&self) -> Option<Arc<str>> {
        self.0.as_ref().map(|state| state.progress_as.clone())
    }

    /// Whether the cache may start with its queue.
    ///
    /// # Errors
    ///
    /// When it is known that the queue can't keep what it promises.
    pub(crate) fn fit(&self) -> Result<()> {
        let why = match &self.0 {
            Some(state) => match state.fitness() {
                Fitness::Unfit(why) => why,
                Fitness::Fit | Fitness::Unverified(_) => return Ok(()),
            },
            None if self.1 == NO_STORE => self.1.to_owned(),
            None => return Ok(()),
        };
        Err(Error::new(ErrorKind::Config, format!("write-behind can't be used: {why}")))
    }

    /// What is pending for a key.
    ///
    /// # Errors
    ///
    /// When the queue doesn't say.
    pub(crate) async fn look(&self, key: &EntryKey) -> Result<Option<Pending>, StoreError> {
        match &self.0 {
            Some(state) => state.look(key).await,
            None => Ok(None),
        }
    }

    /// Whether readers have to ask the queue before they ask the shared store or load.
    pub(crate) fn is_beside(&self, spec: &'static Spec) -> bool {
        let beside = |state: &Arc<State>| matches!(state.place, Place::Own(_));
        self.0.as_ref().is_some_and(beside) && spec.has_deferred_writers()
    }

    pub(crate) fn pending_count(&self) -> usize {
        let pending = self.0.as_ref().map_or(0, |state| state.count_now());
        usize::try_from(pending).unwrap_or(usize::MAX)
    }

    /// How long a shutdown may take.
    pub(crate) fn drain_time(&self) -> Duration {
        self.options().map_or(Queue::memory().drain, |options| options.drain)
    }

    /// Writes out everything acknowledged so far, by whichever process. For what nobody here flushes it doesn't wait for ever.
    pub(crate) async fn flush(&self) -> Result<()> {
        let Some(state) = &self.0 else { return Ok(()) };
        match state.flush_all(DRAIN).await? {
            (left, 0) if left.is_empty() => Ok(()),
            (left, 0) => Err(waiting::nobody_serves(&left)),
            (_, lost) => Err(Error::new(
                ErrorKind::Flush,
                format!("{lost} writes were given up; see `Cache::write_behind`"),
            )),
        }
    }

    /// Writes out what these functions have acknowledged so far.
    pub(crate) async fn flush_functions(&self, specs: &[&'static Spec]) {
        let Some(state) = self.0.as_ref().filter(|_| !scope::is_flushing()) else { return };
        let names: Vec<_> = specs.iter().map(|spec| spec.queued_as().clone()).collect();
        let flushed = async {
            for _ in 0..2 {
                let Ok(now) = state.queue().depths().await else { return };
                for depth in now.iter().filter(|depth| depth.writes > 0) {
                    state.flush_functions_up_to(&names, depth).await;
                }
            }
        };
        if tokio::time::timeout(DRAIN, flushed).await.is_err() {
            tracing::warn!(
                "what was acknowledged did not reach the database in time; it is missing from what is read now"
            );
        }
    }
}

/// The key of an edge; none for groups, and for templates without write-behind functions.
pub(crate) fn queued_key(edge: &Edge) -> Option<EntryKey> {
    let EdgeName::Key(_, key) = &edge.name else { return None };
    super::defers(&edge.template).then(|| EntryKey {
        text: key.text.clone(),
        partition: key.partition,
        template: edge.template.clone(),
        fingerprint: Fingerprint(0),
        groups: Vec::new(),
    })
}

impl State {
    pub(super) fn queue(&self) -> &dyn WriteQueue {
        match &self.place {
            Place::Own(queue) => &**queue,
            Place::Shared(shared) => &shared.store,
        }
    }

    /// A key as the queue knows it: one of its own is a single line, so that its limits are exact and few partitions are asked.
    pub(super) fn placed<'k>(&self, key: &'k EntryKey) -> Cow<'k, EntryKey> {
        match self.place {
            Place::Shared(_) => Cow::Borrowed(key),
            Place::Own(_) => Cow::Owned(EntryKey { partition: Partition::FIRST, ..key.clone() }),
        }
    }

    pub(super) async fn look(&self, key: &EntryKey) -> Result<Option<Pending>, StoreError> {
        self.queue().look(&self.placed(key)).await
    }

    pub(super) fn progress_as(&self) -> Arc<str> {
        self.progress_as.clone()
    }

    pub(super) fn is_shared(&self) -> bool {
        matches!(self.place, Place::Shared(_))
    }

    pub(super) fn inner(&self) -> Option<Arc<Inner>> {
        self.inner.get()?.upgrade()
    }

    /// Whether the queue can keep what it promises, as far as it is known.
    pub(super) fn fitness(&self) -> Fitness {
        let promise = match self.options.kind {
            Kind::Shared { fsync: true } => Promise::OnDisk,
            Kind::Shared { fsync: false } | Kind::Own { .. } => Promise::Received,
        };
        self.queue().fitness(promise, self.options.assume_durable)
    }

    pub(super) async fn count(&self) -> Result<u64, StoreError> {
        let count = self.queue().depths().await?.iter().map(|depth| depth.writes).sum();
        self.pending.store(count, Ordering::Release);
        Ok(count)
    }

    /// How many writes wait, as exactly as it can be told without waiting.
    fn count_now(&self) -> u64 {
        use futures_util::FutureExt as _;
        match &self.place {
            Place::Own(_) => self.count().now_or_never().and_then(Result::ok),
            Place::Shared(_) => None,
        }
        .unwrap_or_else(|| self.pending.load(Ordering::Acquire))
    }

    /// Hurries the flusher, and waits until this process has flushed so many altogether, or others may have.
    pub(super) async fn hurry_until_flushed(self: &Arc<Self>, until: u64) {
        self.ensure();
        self.hurry.notify_one();
        let left = until.saturating_sub(self.tally.flushed());
        let longest = SHORTEST_FLUSH.saturating_mul(u32::try_from(left).unwrap_or(u32::MAX));
        let enough = async {
            loop {
                let progress = self.progress.notified();
                if self.tally.flushed() >= until {
                    return;
                }
                progress.await;
            }
        };
        let _ = tokio::time::timeout(longest.clamp(LOOK, LONGEST_LOOK), enough).await;
    }

    /// Waits until the writes of these functions in one partition are flushed, or given up.
    async fn flush_functions_up_to(self: &Arc<Self>, functions: &[Arc<str>], mark: &Depth) {
        let over = |waiting: &Waiting| waiting.id > mark.newest || !functions.contains(&waiting.function);
        loop {
            let progress = self.progress.notified();
            let waiting = self.queue().peek(mark.partition, 0, usize::MAX).await;
            if waiting.is_ok_and(|waiting| waiting.iter().all(over)) {
                return;
            }
            self.hurry_until(progress).await;
        }
    }

    /// Hurries the flusher, and waits until something may have changed.
    pub(super) async fn hurry_until(self: &Arc<Self>, progress: Notified<'_>) {
        self.ensure();
        self.hurry.notify_one();
        // Looks again now and then: others may flush, and the runtime that the flusher runs on may end at any time.
        let _ = tokio::time::timeout(LOOK, progress).await;
    }
}
