//! The write-behind side of a cache: accepting writes, waiting for them, ending.

use super::{
    Queue,
    deferred::{Handler, Served},
    direct::Drained,
    flusher::Flushing,
    locals::Locals,
    options::Kind,
    scope,
};
use crate::{
    Error, Result,
    cache::{Inner, Remote},
    coherence::Near,
    edge::{Edge, EdgeName},
    error::ErrorKind,
    key::{Key, KeyId},
    shared::Shared,
    spec::Spec,
    store::{
        Depth, EntryKey, Fingerprint, Fitness, NewWrite, Partition, Pending, Promise, Put, Store, StoreError,
        StoreErrorKind, Target, Token, Waiting, WriteQueue,
    },
    write,
};
use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{Notify, futures::Notified},
    task::JoinHandle,
    time::Instant,
};

/// How long a writer waits for room, and for an answer of the queue.
const ROOM: Duration = Duration::from_secs(1);
/// How long a write that nobody waits for any more may still arrive in the queue, at most.
const ARRIVAL: Duration = Duration::from_secs(60);
/// How long a direct write waits for what was acknowledged for its key before.
pub(super) const DRAIN: Duration = Duration::from_secs(5);
/// How long it then waits for a flush under way.
pub(super) const PAUSE: Duration = Duration::from_secs(1);
/// How often somebody who waits looks at the queue, if nothing tells him earlier.
pub(super) const LOOK: Duration = Duration::from_millis(20);

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
    inner: OnceLock<Weak<Inner>>,
    /// What this process flushes, and its task. A handler holds its repository, and that the cache: both are gone when nothing is left to flush.
    pub(super) flusher: Mutex<Flusher>,
    /// Calls that are about to enqueue: their handlers stay.
    entering: AtomicUsize,
    closed: AtomicBool,
    /// In whose name the flusher of this process holds claims; each task has a name of its own, so that it doesn't pass for one whose batches it knows nothing of.
    holder: Mutex<Option<Token>>,
    /// Keeps flushes of this process apart from direct writes that could not wait for them, and from reads that add deltas.
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
}

/// The queue: part of the shared store, or one of its own.
enum Place {
    Own(Arc<dyn WriteQueue>),
    Shared(Arc<Shared>),
}

#[derive(Default)]
pub(super) struct Flusher {
    pub(super) handlers: HashMap<Arc<str>, Arc<Handler>>,
    task: Option<JoinHandle<()>>,
    /// Somebody has wanted it since it looked at the queue last: what it saw may be out of date.
    wanted: bool,
    /// Until then the queue may accept a write whose caller has left, or got no answer.
    open_until: Option<Instant>,
    /// Flushers that the application has spawned: while there are any, the handlers stay.
    pub(super) spawned: usize,
}

impl fmt::Debug for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Behind").field(&self.options()).finish()
    }
}

/// An accepted write.
pub(super) struct Accepted {
    pub(super) put: Put,
    pub(super) version: u64,
}

/// Why a write was not accepted.
pub(super) enum Refused {
    /// There was no room for a second.
    Full,
    Failed(Error),
}

impl Refused {
    /// There is no room, and with `open` there may have been: a direct write might then be overtaken by the one that is on its way.
    fn full(open: bool) -> Self {
        if !open {
            return Self::Full;
        }
        let why = "the write-behind queue is full, and it is not known whether it has accepted the write";
        Self::Failed(Error::new(ErrorKind::Store, why))
    }

    /// Whether the write may have been accepted all the same.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Failed(error) if error.kind() == ErrorKind::Store)
    }
}

/// Keeps the handler of a call until its write is in the queue.
pub(super) struct Serving(Arc<State>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.entering.fetch_sub(1, Ordering::AcqRel);
    }
}

/// A write is being offered to the queue. Dropped before the queue has answered, it keeps the flusher looking for as long as the write may arrive.
struct Offering<'s> {
    state: &'s State,
    answered: bool,
}

impl Drop for Offering<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.state.flusher().open_until = Some(Instant::now() + ARRIVAL);
        }
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
            })),
            NO_QUEUE,
        )
    }

    pub(super) fn state(&self) -> Option<&Arc<State>> {
        self.0.as_ref()
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

    /// Sees to it that somebody flushes the function that is called.
    pub(super) fn serve(
        &self,
        inner: &Arc<Inner>,
        spec: &'static Spec,
        handler: impl FnOnce() -> Handler,
    ) -> Option<Serving> {
        let state = self.0.as_ref()?;
        state.entering.fetch_add(1, Ordering::AcqRel);
        let serving = Serving(state.clone());
        state.inner.get_or_init(|| Arc::downgrade(inner));
        if state.options.flush_here {
            let name = spec.queued_as();
            let mut flusher = state.flusher();
            if !flusher.handlers.contains_key(name) {
                flusher.handlers.insert(name.clone(), Arc::new(handler()));
            }
        }
        Some(serving)
    }

    /// Accepts a write. When it returns, every reader that the queue promises sees it.
    pub(super) async fn accept(
        &self,
        inner: &Arc<Inner>,
        spec: &'static Spec,
        write: &NewWrite,
        key: &Key,
    ) -> Result<Accepted, Refused> {
        let Some(state) = &self.0 else {
            return Err(Refused::Failed(Error::new(
                ErrorKind::NoQueue,
                format!("`{}` is write_behind, and {}", spec.function, self.1),
            )));
        };
        if state.closed.load(Ordering::Acquire) {
            return Err(Refused::Failed(Error::new(
                ErrorKind::Closed,
                "the cache was shut down and takes no more writes",
            )));
        }
        state.fit().await.map_err(|why| Refused::Failed(Error::new(ErrorKind::NoQueue, why)))?;
        // Already now: it may be accepted when nobody is here any more.
        state.ensure();
        let mut offering = Offering { state, answered: false };
        let accepted = match (&state.place, &inner.remote) {
            (Place::Own(_), Some(_)) => {
                let edge = Edge::of_family(write.key.template.clone(), key.clone());
                write::queued(inner, spec, edge, state.enqueue(inner, write)).await
            }
            _ => state.enqueue(inner, write).await,
        };
        offering.answered = !accepted.as_ref().is_err_and(Refused::is_open);
        drop(offering);
        // Also now: the flusher may have looked before the write was there.
        state.ensure();
        let accepted = accepted?;
        if let Put::Queued(_) = accepted.put {
            state.pending.fetch_add(1, Ordering::AcqRel);
            // A batch is full: not of what is being written just now, but of what has come since the flusher looked.
            if state.unseen.fetch_add(1, Ordering::AcqRel) + 1 == state.options.batch as u64 {
                state.hurry.notify_one();
            }
        }
        Ok(accepted)
    }

    /// Remembers what this process forgets once the write is flushed, where it flushes and the queue's own names don't tell.
    pub(super) fn remember(&self, inner: &Inner, write: &NewWrite, id: KeyId, edges: &[Edge], version: u64) {
        let Some(state) = &self.0 else { return };
        if state.options.flush_here && !matches!(inner.near, Near::Following(_)) {
            state.locals.accepted(&write.key, id, edges, version, state.options.max_pending);
        }
    }

    /// Names the line of a write, and how many it may hold.
    pub(super) fn place(&self, write: &mut NewWrite) {
        let Some(state) = &self.0 else { return };
        let most = state.options.max_pending as u64;
        match state.place {
            Place::Own(_) => {
                // The store's own place of the key, which the queue doesn't know.
                write.drops.push(Target::Key {
                    text: write.key.text.clone(),
                    partition: write.key.partition,
                    template: write.key.template.clone(),
                    version: None,
                });
                (write.key.partition, write.most) = (Partition::FIRST, most);
            }
            Place::Shared(_) => write.most = most.div_ceil(u64::from(Partition::COUNT)),
        }
    }

    /// Takes no more writes, flushes for the drain time, and returns how many writes are left.
    pub(crate) async fn shutdown(&self) -> usize {
        let Some(state) = &self.0 else { return 0 };
        state.closed.store(true, Ordering::Release);
        // The writes that are left are counted below, whether time ran out or they were given up.
        let _ = tokio::time::timeout(state.options.drain, self.flush()).await;
        let left = state.count().await.unwrap_or_else(|_| state.pending.load(Ordering::Acquire));
        state.end().await;
        if left > 0 {
            let safe = !state.options.is_private();
            tracing::error!(left, safe, "acknowledged writes did not reach the database before shutdown");
        }
        usize::try_from(left).unwrap_or(usize::MAX)
    }

    /// Writes out everything acknowledged so far, by whichever process.
    pub(crate) async fn flush(&self) -> Result<()> {
        let Some(state) = &self.0 else { return Ok(()) };
        let before = state.queue().depths().await?;
        // A write that replaced one under way is put behind what waited then: the second time it is among what waits.
        for _ in 0..2 {
            let now = state.queue().depths().await?;
            state.flush_up_to(&now).await;
        }
        let dead = |depths: &[Depth]| depths.iter().map(|depth| depth.dead).sum::<u64>();
        let after = state.queue().depths().await?;
        match dead(&after).saturating_sub(dead(&before)) {
            0 => Ok(()),
            lost => Err(Error::new(
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

    /// Serves these functions until the guard is dropped.
    pub(super) fn spawn(&self, inner: &Arc<Inner>, served: Served) -> Option<Arc<State>> {
        let state = self.0.as_ref()?;
        state.inner.get_or_init(|| Arc::downgrade(inner));
        {
            let mut flusher = state.flusher();
            flusher.spawned += 1;
            for handler in served.0 {
                flusher.handlers.insert(handler.spec.queued_as().clone(), Arc::new(handler));
            }
        }
        state.ensure();
        state.hurry.notify_one();
        Some(state.clone())
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
    fn fitness(&self) -> Fitness {
        let promise = match self.options.kind {
            Kind::Shared { fsync: true } => Promise::OnDisk,
            Kind::Shared { fsync: false } | Kind::Own { .. } => Promise::Received,
        };
        self.queue().fitness(promise, self.options.assume_durable)
    }

    /// Waits for a moment while it is not known whether the queue can keep what it promises, as after Redis has come back; why it is not used.
    async fn fit(&self) -> Result<(), String> {
        let deadline = Instant::now() + ROOM;
        loop {
            match self.fitness() {
                Fitness::Fit => return Ok(()),
                Fitness::Unverified(_) if Instant::now() < deadline => {
                    tokio::time::sleep(LOOK).await;
                }
                Fitness::Unverified(why) | Fitness::Unfit(why) => return Err(why),
            }
        }
    }

    /// Enqueues, waiting for room, and asking again while it isn't known whether it was accepted.
    async fn enqueue(self: &Arc<Self>, inner: &Arc<Inner>, write: &NewWrite) -> Result<Accepted, Refused> {
        let deadline = Instant::now() + ROOM;
        // What the queue was asked before and has not answered may still arrive there.
        let mut open = false;
        loop {
            let room = self.progress.notified();
            let put = self.queue().enqueue(write).await;
            let late = Instant::now() >= deadline;
            match put {
                Ok(put @ (Put::Queued(version) | Put::Coalesced(version))) => {
                    return Ok(Accepted { put, version });
                }
                Ok(Put::Full) if late => return Err(Refused::full(open)),
                Ok(Put::Full) => {
                    self.ensure();
                    self.hurry.notify_one();
                    let _ = tokio::time::timeout_at(deadline, room).await;
                }
                Ok(Put::Halted) => {
                    let kind = if open { ErrorKind::Store } else { ErrorKind::Halted };
                    return Err(Refused::Failed(Error::new(
                        kind,
                        "an earlier write to the key could not be flushed, so it is halted; replay or discard its dead letter",
                    )));
                }
                Ok(Put::Mixed) => {
                    if !matches!(inner.behind.drain(&write.key).await, Ok(Drained::All)) || late {
                        return Err(Refused::full(open));
                    }
                }
                Err(error) if late || error.kind() == StoreErrorKind::Refused => {
                    return Err(Refused::Failed(unaccepted(error, open)));
                }
                Err(error) => {
                    open |= is_open(&error);
                    tracing::debug!(%error, "a write is offered to the queue again");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }

    /// Starts the flusher unless it runs; on the caller's runtime, because the database's connections live there.
    pub(super) fn ensure(self: &Arc<Self>) {
        let mut flusher = self.flusher();
        flusher.wanted = true;
        let runs = flusher.task.as_ref().is_some_and(|task| !task.is_finished());
        if runs || flusher.handlers.is_empty() {
            return;
        }
        // Outside of a runtime the next flush or write starts it.
        if let Ok(runtime) = Handle::try_current() {
            flusher.task = Some(runtime.spawn(Flushing::new(self.clone()).run()));
        }
    }

    /// The flusher is about to look at the queue: who wants something from here on may not be seen by it.
    pub(super) fn looks(&self) {
        self.unseen.store(0, Ordering::Release);
        self.flusher().wanted = false;
    }

    /// Names a flusher that begins.
    pub(super) fn new_holder(&self) -> Token {
        let holder = Token::random();
        *self.holder.lock().unwrap_or_else(PoisonError::into_inner) = Some(holder);
        holder
    }

    /// The flusher has nothing left to do: forgets what it was handed, unless somebody still wants it.
    pub(super) fn rest(&self) -> bool {
        let mut flusher = self.flusher();
        let open = flusher.open_until.is_some_and(|until| until > Instant::now());
        if open || flusher.wanted || flusher.spawned > 0 || self.entering.load(Ordering::Acquire) > 0 {
            return false;
        }
        flusher.handlers.clear();
        flusher.task = None;
        true
    }

    /// One flusher that the application has spawned ends.
    pub(super) fn leave(&self) {
        let mut flusher = self.flusher();
        flusher.spawned = flusher.spawned.saturating_sub(1);
        self.hurry.notify_one();
    }

    /// Ends the flusher at once, between two batches, forgets what it was handed, and gives its claims back.
    async fn end(&self) {
        let task = {
            let mut flusher = self.flusher();
            flusher.handlers.clear();
            flusher.task.take()
        };
        if let Some(task) = task {
            let paused = tokio::time::timeout(PAUSE, self.flushing.write()).await;
            task.abort();
            drop(paused);
            // It panicked, or was aborted: either way it holds nothing any more.
            let _ = task.await;
        }
        let holder = self.holder.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(holder) = holder
            && !matches!(tokio::time::timeout(ROOM, self.queue().yield_claims(holder)).await, Ok(Ok(())))
        {
            tracing::debug!("the claims could not be given back, and end by themselves");
        }
    }

    pub(super) fn flusher(&self) -> MutexGuard<'_, Flusher> {
        // Maps are whole whatever panicked beside them.
        self.flusher.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Waits until everything that has a place up to the newest of these is flushed, or given up.
    async fn flush_up_to(self: &Arc<Self>, marks: &[Depth]) {
        let over = |depth: &Depth| {
            let mark = marks.iter().find(|mark| mark.partition == depth.partition);
            depth.oldest.is_none_or(|oldest| mark.is_none_or(|mark| oldest > mark.newest))
        };
        loop {
            let progress = self.progress.notified();
            if let Ok(depths) = self.queue().depths().await {
                let mut open = depths.iter().filter(|depth| !over(depth));
                let mut flushed = true;
                while let (true, Some(depth)) = (flushed, open.next()) {
                    flushed = self.only_halted(depth, marks).await;
                }
                if flushed {
                    return;
                }
            }
            self.hurry_until(progress).await;
        }
    }

    /// Whether what waits in a partition up to its mark is halted: nobody can flush that, and nobody waits for it.
    async fn only_halted(&self, depth: &Depth, marks: &[Depth]) -> bool {
        let mark = marks.iter().find(|mark| mark.partition == depth.partition);
        // A halted key has a dead letter.
        let (Some(mark), true) = (mark, depth.dead > 0) else { return false };
        // Halted keys are left out.
        let free = self.queue().peek(depth.partition, 0, 1).await;
        free.is_ok_and(|free| free.iter().all(|waiting| waiting.id > mark.newest))
    }

    /// The same for the writes of these functions in one partition.
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

/// Whether the queue may have done what it was asked.
fn is_open(error: &StoreError) -> bool {
    // Nothing was sent, or it was refused.
    !matches!(
        error.kind(),
        StoreErrorKind::BreakerOpen | StoreErrorKind::Unavailable | StoreErrorKind::Refused
    )
}

/// The last answer of the queue; with `open`, one before it is missing.
fn unaccepted(error: StoreError, open: bool) -> Error {
    if open || is_open(&error) {
        let why = "it is not known whether the write-behind queue has accepted the write";
        return Error::with_source(ErrorKind::Store, why, error);
    }
    Error::with_source(ErrorKind::NoQueue, "the write-behind queue did not accept the write", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Arc<State> {
        let behind = Behind::new(Some(Queue::memory()), "resting", None);
        behind.state().expect("it has a queue").clone()
    }

    #[test]
    fn flusher_that_is_wanted_since_it_looked_does_not_rest() {
        let state = state();
        state.looks();
        state.ensure();
        assert!(!state.rest(), "what it saw may be out of date");
        state.looks();
        assert!(state.rest());
    }

    #[tokio::test(start_paused = true)]
    async fn flusher_waits_for_a_write_that_nobody_waits_for_any_more() {
        let state = state();
        drop(Offering { state: &state, answered: true });
        assert!(state.rest());
        drop(Offering { state: &state, answered: false });
        state.looks();
        assert!(!state.rest(), "it may still arrive");
        tokio::time::advance(ARRIVAL).await;
        assert!(state.rest());
    }

    #[test]
    fn every_flusher_has_a_name_of_its_own() {
        let state = state();
        assert_ne!(state.new_holder(), state.new_holder());
    }
}
