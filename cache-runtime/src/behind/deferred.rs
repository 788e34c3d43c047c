//! How the writes of a function reach the database: what a repository hands over to the flusher.

use super::{
    adding::{Deltas, Merging, Sum},
    failure::Failure,
    failures::Failures,
    options::{Classify, Queue},
    payload::{self, FIRST_SCHEMA, Payload, Unfit, Upcast},
    scope,
};
use crate::{Cache, spec::Spec, store::Partition, value::Outcome};
use futures_util::{FutureExt, TryFutureExt, future::BoxFuture};
use std::{
    any::Any, collections::HashMap, fmt, future::Future, marker::PhantomData, panic::AssertUnwindSafe,
    sync::Arc, time::Duration,
};
use tokio::time::timeout;

/// Which batch of which partition a transaction writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub(crate) partition: Partition,
    pub(crate) epoch: u64,
    pub(crate) number: u64,
}

/// Asks the database which batch of a partition it has committed last, after it has shut out earlier flushers.
pub type Progress = BoxFuture<'static, Result<Option<u64>, Failure>>;

/// A repository and how it writes batches of one function.
pub struct Deferring<R, P, F> {
    this: R,
    flush: fn(R, Vec<P>) -> F,
    progress: Option<fn(&R, Lane) -> Progress>,
    merge: Option<fn(P, P) -> P>,
    upcast: Option<Upcast<P>>,
}

/// A repository and the function that writes a batch.
pub fn deferring<R, P, F>(this: R, flush: fn(R, Vec<P>) -> F) -> Deferring<R, P, F> {
    Deferring { this, flush, progress: None, merge: None, upcast: None }
}

impl<R, P, F> Deferring<R, P, F> {
    /// Its batches are transactions that write down how far they came.
    #[must_use]
    pub fn in_transaction(mut self, progress: fn(&R, Lane) -> Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Its writes are deltas, which this combines.
    #[must_use]
    pub fn merging(mut self, merge: fn(P, P) -> P) -> Self {
        self.merge = Some(merge);
        self
    }

    /// Turns arguments of an earlier release into those of this one.
    #[must_use]
    pub fn upcast(mut self, upcast: Upcast<P>) -> Self {
        self.upcast = Some(upcast);
        self
    }

    /// Writes one batch at once.
    pub(super) fn write(self, batch: Vec<P>) -> F {
        (self.flush)(self.this, batch)
    }
}

impl<R: Clone, P, F> Clone for Deferring<R, P, F> {
    fn clone(&self) -> Self {
        let Self { this, flush, progress, merge, upcast } = self;
        Self { this: this.clone(), flush: *flush, progress: *progress, merge: *merge, upcast: *upcast }
    }
}

impl<R, P, F> fmt::Debug for Deferring<R, P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferring").finish_non_exhaustive()
    }
}

/// Arguments as a handler has read them.
pub(crate) type Arguments = Box<dyn Any + Send>;

type Open = dyn Fn(&[u8]) -> Result<Arguments, Unfit> + Send + Sync;
type Flush = dyn Fn(Vec<(Arc<str>, Arguments)>, Option<Classify>) -> BoxFuture<'static, Result<(), Failure>>
    + Send
    + Sync;

/// What flushes the writes of one function in this process.
pub(crate) struct Handler {
    pub(crate) spec: &'static Spec,
    open: Box<Open>,
    flush: Box<Flush>,
    progress: Option<Box<dyn Fn(Lane) -> Progress + Send + Sync>>,
    add: Option<Box<Add>>,
    failures: Arc<Failures>,
}

type Add = dyn Fn(Deltas<'_>) -> Sum + Send + Sync;

impl Handler {
    pub(super) fn of<S, R, P, F>(
        _: PhantomData<S>,
        spec: &'static Spec,
        deferring: Deferring<R, P, F>,
    ) -> Self
    where
        S: Outcome,
        S::Return: Send,
        S::Error: fmt::Display + 'static,
        R: Clone + Send + Sync + 'static,
        P: Payload,
        F: Future<Output = S::Return> + Send + 'static,
    {
        let Deferring { this, flush, progress, merge, upcast } = deferring;
        let schema = schema_of(spec);
        let open = move |payload: &[u8]| -> Result<Arguments, Unfit> {
            Ok(Box::new(payload::decode::<P>(schema, upcast, payload)?))
        };
        let add = merge.map(|merge| -> Box<Add> {
            let merging = Merging::of(merge, upcast);
            Box::new(move |deltas| merging.sum(deltas))
        });
        let copy = this.clone();
        let flush = move |batch: Vec<(Arc<str>, Arguments)>, classify: Option<Classify>| {
            let batch =
                batch.into_iter().filter_map(|(key, write)| Some((key, *write.downcast::<P>().ok()?)));
            let batch: Vec<_> = batch.collect();
            let this = copy.clone();
            async move {
                let batch = batch.into_iter();
                let batch = match merge {
                    None => batch.map(|(_, write)| write).collect(),
                    Some(merge) => merged(batch, merge),
                };
                let returned = flush(this, batch).await;
                S::error(&returned).map_or(Ok(()), |error| Err(Failure::of(error, classify.as_ref())))
            }
            .boxed()
        };
        Self {
            spec,
            add,
            failures: Arc::default(),
            open: Box::new(open),
            flush: Box::new(flush),
            progress: progress.map(|progress| -> Box<dyn Fn(Lane) -> Progress + Send + Sync> {
                Box::new(move |lane| progress(&this, lane))
            }),
        }
    }

    /// Its failures are told here.
    pub(super) fn telling(self, failures: &Arc<Failures>) -> Self {
        Self { failures: failures.clone(), ..self }
    }

    pub(super) fn open(&self, payload: &[u8]) -> Result<Arguments, Unfit> {
        (self.open)(payload)
    }

    pub(super) fn flush(
        &self,
        batch: Vec<(Arc<str>, Arguments)>,
        Queue { classify, flush_timeout, .. }: &Queue,
    ) -> BoxFuture<'static, Result<(), Failure>> {
        let (name, failures, limit) = (self.spec.queued_as(), self.failures.clone(), *flush_timeout);
        let flushed = AssertUnwindSafe((self.flush)(batch, classify.clone())).catch_unwind();
        async move {
            // What is dropped then is a transaction that is rolled back, unless its commit was asked for.
            let flushed =
                timeout(limit, flushed).await.unwrap_or_else(|_| Ok(Err(Failure::timed_out(limit))));
            let flushed = flushed.unwrap_or_else(|_| Err(Failure::panicked()));
            match &flushed {
                Ok(()) => failures.passed(name),
                // Nothing is wrong: another writes it.
                Err(_) if scope::is_fenced() => {}
                Err(failure) => failures.failed(name, failure),
            }
            flushed
        }
        .boxed()
    }

    /// What the database has, and deltas; `None` if this function doesn't merge.
    pub(super) fn add(&self, deltas: Deltas<'_>) -> Option<Sum> {
        self.add.as_ref().map(|add| add(deltas))
    }

    /// The last batch that the database has of a partition; `None` if it doesn't know of batches.
    pub(super) fn progress(&self, lane: Lane, limit: Duration) -> Option<Progress> {
        let (name, failures) = (self.spec.queued_as(), self.failures.clone());
        let progress = timeout(limit, self.progress.as_ref()?(lane));
        let progress = progress.map(move |last| last.unwrap_or_else(|_| Err(Failure::timed_out(limit))));
        Some(progress.inspect_err(move |failure| failures.failed(name, failure)).boxed())
    }

    /// Its batches know of each other, so that one is written once.
    pub(super) fn is_exact(&self) -> bool {
        self.progress.is_some()
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("function", &self.spec.function).finish_non_exhaustive()
    }
}

/// The deltas of each key as one, in the order in which the keys came first.
fn merged<P>(batch: impl Iterator<Item = (Arc<str>, P)>, merge: fn(P, P) -> P) -> Vec<P> {
    let mut order = Vec::new();
    let mut sums: HashMap<Arc<str>, P> = HashMap::new();
    for (key, delta) in batch {
        let sum = match sums.remove(&key) {
            Some(sum) => merge(sum, delta),
            None => {
                order.push(key.clone());
                delta
            }
        };
        sums.insert(key, sum);
    }
    order.iter().filter_map(|key| sums.remove(key)).collect()
}

pub(super) fn schema_of(spec: &Spec) -> u32 {
    spec.schema.unwrap_or(FIRST_SCHEMA)
}

/// A type with write-behind functions: what [`Flusher::serve`](crate::Flusher::serve) takes. `#[repository]` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no write-behind functions",
    label = "nothing to flush",
    note = "`#[repository]` implements `Repository` for types with functions under `#[cached(strategy = \"write_behind\", ..)]`"
)]
pub trait Repository: Sized {
    /// The cache it writes behind.
    #[doc(hidden)]
    fn cache(&self) -> &Cache;

    /// Hands over its write-behind functions.
    #[doc(hidden)]
    fn hand_over(self, served: &mut Served);
}

/// The functions that a process flushes.
#[derive(Debug, Default)]
pub struct Served(pub(crate) Vec<Handler>);

impl Served {
    /// Adds a function; the slot is that of its return type.
    pub fn function<S, R, P, F>(&mut self, _: S, spec: &'static Spec, deferring: Deferring<R, P, F>)
    where
        S: Outcome,
        S::Return: Send,
        S::Error: fmt::Display + 'static,
        R: Clone + Send + Sync + 'static,
        P: Payload,
        F: Future<Output = S::Return> + Send + 'static,
    {
        self.0.push(Handler::of::<S, R, P, F>(PhantomData, spec, deferring));
    }
}
