//! How often is the cache wrong, and for how long?
//!
//! A hit that was chosen is compared with the source, as a client would see both. What differs is looked at again after 1, 10 and 60 s, each
//! time with what the cache would answer by then: most differences are writes that committed just now, and those that stay are mistakes. The idea
//! is that of Meta's Polaris.
//!
//! Nobody waits for any of it. It runs on the caller's runtime, where the body's connections live, and is no task of [`Cache::settle`], which
//! would wait for a minute: it ends with that runtime, or with [`Cache::shutdown`]. Until then it keeps the repository, and so the cache, alive.

use super::{Call, remote::Found};
use crate::{
    Cache,
    agree::agree,
    cache::Inner,
    clock::Moment,
    entry,
    key::Key,
    mode::{self, Mode},
    observe::Counter,
    shared::Shared,
    spec::Spec,
    store::{Read, Store},
    value::{Shape, View},
};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Bodies that run at once for the sake of comparing.
const BODIES: usize = 4;
/// Differences that are followed at once.
const FOLLOWED: usize = 64;
/// When a difference is looked at again, and what is counted if it is still there.
const CHECKS: [(Duration, Counter); 3] = [
    (Duration::from_secs(1), Counter::Inconsistent1s),
    (Duration::from_secs(10), Counter::Inconsistent10s),
    (Duration::from_secs(60), Counter::Inconsistent60s),
];
/// From here on a difference is no write that has just committed.
const ALARMING: Duration = Duration::from_secs(10);
/// Of so many hits a share is chosen.
const MILLION: u32 = 1_000_000;

/// How much is being compared in one cache.
#[derive(Debug)]
pub(crate) struct Sampler {
    bodies: Arc<Semaphore>,
    followed: Arc<Semaphore>,
    stopped: watch::Sender<bool>,
}

impl Sampler {
    pub(crate) fn new() -> Self {
        Self {
            bodies: Arc::new(Semaphore::new(BODIES)),
            followed: Arc::new(Semaphore::new(FOLLOWED)),
            stopped: watch::Sender::new(false),
        }
    }

    /// Ends what is being compared, and begins nothing more.
    pub(crate) fn stop(&self) {
        self.stopped.send_replace(true);
        self.bodies.close();
    }
}

/// A reader's body, as often as it is needed to follow a difference to its end.
#[derive(Debug)]
pub struct Sources<R>([Pin<Box<R>>; 1 + CHECKS.len()]);

impl<R> Sources<R> {
    /// They don't run before they are polled.
    pub(crate) fn of<T>(make: &impl Fn() -> (T, R)) -> Self {
        Self(std::array::from_fn(|_| Box::pin(make().1)))
    }
}

/// Whether a hit is to be compared.
#[inline]
pub(super) fn chosen(spec: &'static Spec) -> bool {
    spec.verify_ppm.is_some_and(|share| fastrand::u32(..MILLION) < share)
}

/// Compares what a hit has answered with the source, in the background.
#[cold]
pub(super) fn sample<S, R>(
    cache: &Cache,
    spec: &'static Spec,
    key: Key,
    answered: Option<Arc<S::Value>>,
    sources: Sources<R>,
) where
    S: Shape,
    S::Return: Send,
    R: Future<Output = S::Return> + Send + 'static,
{
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    let inner = &cache.0;
    let counters = &inner.function_of::<S::Value>(spec).counters;
    let id = key.id(spec.family_number());
    // Acknowledged and not yet in the database, or on its way there: the source has still to follow.
    let ahead = inner.flights.is_written(id);
    match inner.sampler.bodies.clone().try_acquire_owned() {
        Ok(place) if !ahead => {
            let inner = inner.clone();
            runtime.spawn(async move {
                let mut stopped = inner.sampler.stopped.subscribe();
                tokio::select! {
                    _ = stopped.wait_for(|stopped| *stopped) => {}
                    () = compare::<S, R>(&inner, spec, key, answered, sources, place) => {}
                }
            });
        }
        Ok(_) | Err(_) => counters.add(Counter::VerifySkipped),
    }
}

async fn compare<S, R>(
    inner: &Inner,
    spec: &'static Spec,
    key: Key,
    answered: Option<Arc<S::Value>>,
    Sources([first, later @ ..]): Sources<R>,
    place: OwnedSemaphorePermit,
) where
    S: Shape,
    S::Return: Send,
    R: Future<Output = S::Return> + Send + 'static,
{
    let call = Call::<S>::new(inner, spec, key);
    let counters = &call.function.counters;
    let begun = inner.clock.now();
    if call.pending().await.is_some() {
        return counters.add(Counter::VerifySkipped);
    }
    let source = read::<S>(first).await;
    drop(place);
    match source.and_then(|source| call.agrees(answered.as_deref(), &source)) {
        None => return counters.add(Counter::VerifyFailed),
        Some(agrees) => {
            counters.add(Counter::Verified);
            if agrees {
                return;
            }
        }
    }
    counters.add(Counter::Inconsistent);
    call.report(Duration::ZERO, None);
    let Ok(_followed) = inner.sampler.followed.try_acquire() else {
        return counters.add(Counter::VerifySkipped);
    };
    for ((after, counter), source) in CHECKS.into_iter().zip(later) {
        wait(inner, begun.plus(after)).await;
        let Some((before, _)) = call.glance().await else { return };
        let Ok(_place) = inner.sampler.bodies.acquire().await else { return };
        let Some(source) = read::<S>(source).await else {
            counters.add(Counter::VerifyFailed);
            continue;
        };
        // A write may have come between the two: then the entry is another one by now, or gone.
        let Some((now, age)) = call.glance().await else { return };
        let differs = |cached: Option<Arc<S::Value>>| call.agrees(cached.as_deref(), &source) == Some(false);
        if !differs(before) || !differs(now) {
            return;
        }
        counters.add(counter);
        call.report(after, age);
    }
}

/// What the source says now; readers that the body calls run their bodies, too. `None` when it fails.
async fn read<S: Shape>(source: impl Future<Output = S::Return>) -> Option<S::Return> {
    let returned = mode::scope(Mode::Bypass, source).await;
    S::error(&returned).is_none().then_some(returned)
}

/// Waits on the cache's clock; beside a shared store on its own runtime, since the caller's may have no timer, or a paused one.
async fn wait(inner: &Inner, end: Moment) {
    match &inner.remote {
        None => inner.clock.sleep_until(end).await,
        Some(remote) => {
            let clock = inner.clock.clone();
            let waited = remote.background.spawn_service(async move { clock.sleep_until(end).await });
            // It ends early only with the cache.
            let _ = waited.await;
        }
    }
}

/// What comparing a stored entry with the source has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    Agrees,
    Differs,
    /// The source failed, or a value can't be written down.
    Unknown,
    /// The entry answers nobody: it is outdated or can't be read.
    NoAnswer,
}

impl<S: Shape> Call<'_, S> {
    /// Whether an entry of the shared store is what the source says.
    pub(crate) fn compare(&self, shared: &Shared, read: Read, source: &S::Return) -> Compared {
        let cached = match self.understand(shared, read) {
            Found::Value(value, _) => Some(value),
            Found::Absent => None,
            Found::Nothing(_) | Found::Unreachable => return Compared::NoAnswer,
        };
        match self.agrees(cached.as_deref(), source) {
            Some(true) => Compared::Agrees,
            Some(false) => Compared::Differs,
            None => Compared::Unknown,
        }
    }

    /// Whether a cached value, or the absence of one, is what the source says; `None` when that can't be told.
    fn agrees(&self, cached: Option<&S::Value>, source: &S::Return) -> Option<bool> {
        let codec = self.inner.remote.as_ref().map(|remote| remote.shared.codec).unwrap_or_default();
        match S::view(source) {
            View::Value(source) => agree(codec, cached, Some(source)),
            View::Absent => agree(codec, cached, None),
            View::Failed => None,
        }
    }

    /// What the cache would answer now, and how old that is, as far as it says so; counts no hit. `None` when it would load, or a write is on its way.
    async fn glance(&self) -> Option<(Option<Arc<S::Value>>, Option<Duration>)> {
        if self.inner.flights.is_written(self.id) || self.pending().await.is_some() {
            return None;
        }
        if let Some(entry) = self.peek() {
            let value = entry.value.and_then(|value| value.downcast().ok());
            return Some((value, None));
        }
        let shared = &self.inner.remote.as_ref()?.shared;
        if shared.unsent.concerns(&self.key, self.function.spec.family()) {
            return None;
        }
        let keys = [Inner::entry_key::<S::Value>(self.function, &self.key)];
        let read = shared.store.read(&keys).await.ok()?.into_iter().next()?;
        let created = read.entry.as_deref().and_then(entry::created_ms);
        let age = created.map(|created| Duration::from_millis(shared.now_ms().saturating_sub(created)));
        match self.understand(shared, read) {
            Found::Value(value, _) => Some((Some(value), age)),
            Found::Absent => Some((None, age)),
            Found::Nothing(_) | Found::Unreachable => None,
        }
    }

    /// Tells of a difference; of one that stays, aloud and without its key.
    fn report(&self, after: Duration, age: Option<Duration>) {
        let Spec { function, template, .. } = *self.function.spec;
        let level = self.function.spec.level_in_force();
        tracing::debug!(
            function,
            template,
            ?level,
            ?after,
            ?age,
            key = self.key.as_str(),
            "a hit is not what the source says"
        );
        if after >= ALARMING {
            tracing::warn!(
                function,
                template,
                ?level,
                ?after,
                ?age,
                "a cached value has not been what the source says since it was answered"
            );
        }
    }
}
