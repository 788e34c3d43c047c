//! The handle that users hold.

mod builder;
mod conflicts;
mod functions;

pub use builder::CacheBuilder;
pub(crate) use conflicts::{between, groups};
pub(crate) use functions::Function;

use crate::{
    Cacheable,
    behind::{Behind, WaitingFunction},
    clock::Clock,
    coherence::Near,
    flight::Flights,
    handle::Entry,
    key::{self, Key, KeyId},
    l1::{GroupStamp, Groups, L1},
    limit::LoadLimit,
    mode::{self, Mode},
    observe::{FunctionStats, Stats},
    read::Sampler,
    reconcile::Reconcile,
    shared::Shared,
    spec::Spec,
    store::{Clear, EntryKey, Group, Store},
    tails::{Background, Tasks},
    warm::Warm,
};
use functions::Functions;
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    sync::{Arc, LazyLock},
};

/// A cache: cheap to clone, shared by all the repositories whose entries belong together.
///
/// | made by | keeps entries | when it fails |
/// |---|---|---|
/// | [`Cache::memory`] | in this process | can't |
/// | [`Cache::builder`] with `redis` | in Redis, for the whole fleet | bodies run, calls succeed |
/// | [`Cache::disabled`] | nowhere: every call runs its body | can't |
///
/// Dropping the last handle waits at most a second for invalidations and fills that are still on their way; [`Cache::shutdown`] also writes
/// out what write-behind functions have acknowledged.
#[derive(Clone)]
pub struct Cache(pub(crate) Arc<Inner>);

/// The shared part of all handles.
pub(crate) struct Inner {
    pub(crate) enabled: bool,
    /// Whether entries may be answered from this process.
    pub(crate) near: Near,
    pub(crate) clock: Clock,
    pub(crate) l1: Arc<L1>,
    pub(crate) flights: Arc<Flights>,
    pub(crate) groups: Arc<Groups>,
    pub(crate) functions: Functions,
    pub(crate) loads: LoadLimit,
    pub(crate) sampler: Sampler,
    pub(crate) tasks: Tasks,
    pub(crate) behind: Behind,
    pub(crate) remote: Option<Remote>,
    pub(crate) namespace: String,
}

/// The shared store and the thread that talks to it.
#[derive(Debug)]
pub(crate) struct Remote {
    /// How entries are named in Redis, where it is Redis.
    #[cfg(feature = "redis")]
    pub(crate) names: Option<crate::store::PhysicalKeys>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) background: Background,
}

impl Cache {
    /// A cache in this process with a budget of 64 MiB.
    ///
    /// Entries are exact: no read that begins after a write returns sees an older value. Write-behind functions need a queue, which is named in
    /// [`Cache::builder`].
    pub fn memory() -> Self {
        Self::builder().build_memory()
    }

    /// A cache that keeps nothing: every call runs its body, as if the attributes weren't there.
    ///
    /// Write-behind functions write at once.
    pub fn disabled() -> Self {
        Self::builder().build_disabled()
    }

    /// Begins to describe a cache.
    pub fn builder() -> CacheBuilder {
        CacheBuilder::default()
    }

    /// A cache as the environment describes it: with `REDIS_URL` in Redis under the namespace `CACHE_NAMESPACE`, in this process without.
    ///
    /// `CACHE_MEMORY` is the budget in this process, such as `64MiB`. Does not fail because Redis is down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) names the variable that can't be used.
    pub async fn from_env() -> crate::Result<Self> {
        CacheBuilder::from_env()?.build().await
    }

    /// Runs a future in which readers pass the cache by: their bodies run, and nothing is looked up, shared or stored.
    ///
    /// ```
    /// # use cache_runtime::{Cache, cached};
    /// # #[cached(key = "price:<id>", ttl = "5m")]
    /// # async fn price(cache: &Cache, id: i64) -> std::io::Result<i64> { Ok(id) }
    /// # async fn example(cache: &Cache) -> std::io::Result<()> {
    /// let exact = Cache::bypass(async { price(cache, 7).await }).await?;
    /// # let _ = exact;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It holds for every cache and every reader that the future calls, also from within bodies, and not for tasks that it spawns. Writers do what they
    /// always do. What write-behind functions have acknowledged for a key is written out first, so that the body sees it.
    pub fn bypass<F: Future>(future: F) -> impl Future<Output = F::Output> {
        mode::scope(Mode::Bypass, Box::pin(future))
    }

    /// Runs a future in which readers load anew and store what they load: a value read there was not read before the call began.
    ///
    /// ```
    /// # use cache_runtime::{Cache, cached};
    /// # #[cached(key = "price:<id>", ttl = "5m")]
    /// # async fn price(cache: &Cache, id: i64) -> std::io::Result<i64> { Ok(id) }
    /// # async fn example(cache: &Cache) -> std::io::Result<()> {
    /// let fresh = Cache::refresh(async { price(cache, 7).await }).await?; // for everybody from now on
    /// # let _ = fresh;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// As with [`Cache::bypass`], it holds for all readers that the future calls, and not for spawned tasks. A body that fails leaves the entry
    /// as it was; a value that isn't stored (`unless`, or another process is loading) drops it.
    pub fn refresh<F: Future>(future: F) -> impl Future<Output = F::Output> {
        mode::scope(Mode::Refresh, Box::pin(future))
    }

    /// Waits until everything that calls have left behind is done: fills, invalidations, releases and refreshes.
    ///
    /// Doesn't wait for write-behind queues; see [`Cache::flush_all`].
    pub async fn settle(&self) {
        self.0.tasks.idle().await;
    }

    /// Writes out everything that write-behind functions have acknowledged so far, by whichever process, and waits until the database has it. One key is flushed by its
    /// handle: [`Entry::flush`](crate::Entry::flush). It takes as long as the database takes; what waits behind a halted key is not waited for.
    /// What other processes flush is waited for as long as it gets less.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Flush`](crate::ErrorKind::Flush) when writes were given up on the way; they are dead letters then. [`ErrorKind::Unserved`](crate::ErrorKind::Unserved), with
    /// the names, when writes are left of functions that this process doesn't serve, and no other has flushed any of them for five seconds. The queue's.
    pub async fn flush_all(&self) -> crate::Result<()> {
        self.0.behind.flush().await
    }

    /// Flushes for at most the drain time (30 s by default), settles, and reports what is left. Write-behind functions refuse calls from now on.
    pub async fn shutdown(&self) -> ShutdownReport {
        self.0.sampler.stop();
        let (unwritten, unserved) = self.0.behind.shutdown().await;
        if tokio::time::timeout(self.0.behind.drain_time(), self.settle()).await.is_err() {
            tracing::warn!("refreshes or fills were still under way when the drain time had passed");
        }
        if let Some(remote) = &self.0.remote {
            remote.shared.deliver().await;
        }
        ShutdownReport { unwritten, unserved, unsent_invalidations: self.unsent() }
    }

    /// Drops every entry of the namespace, in this process and in the shared store.
    ///
    /// Loads in flight are not stored. Another process may answer from its own memory for at most its `l1_max_lag`.
    ///
    /// # Errors
    ///
    /// The shared store's; entries of this process are gone in any case.
    pub async fn clear(&self) -> crate::Result<u64> {
        let inner = &self.0;
        let entries = inner.l1.len() as u64;
        inner.flights.invalidate_all(|| inner.l1.clear());
        match &inner.remote {
            None => Ok(entries),
            Some(remote) => {
                let (cleared, _told) = remote.shared.store.clear(&Clear::Namespace).await?;
                remote.shared.pulse().await;
                inner.flights.invalidate_all(|| inner.l1.clear());
                Ok(cleared)
            }
        }
    }

    /// Drops the entries of one key template, such as `product:<id>`, in this process and in the shared store.
    ///
    /// In this process all entries go: they are not kept by template.
    ///
    /// # Errors
    ///
    /// The shared store's.
    pub async fn clear_template(&self, template: &str) -> crate::Result<u64> {
        let inner = &self.0;
        let entries = inner.l1.len() as u64;
        inner.flights.invalidate_all(|| inner.l1.clear());
        let Some(remote) = &inner.remote else {
            return Ok(entries);
        };
        let scope = Clear::Prefix {
            prefix: Cow::Owned(key::literal_prefix(template)),
            matches: key::matches,
            template: Cow::Owned(key::family(template)),
        };
        let (cleared, _told) = remote.shared.store.clear(&scope).await?;
        inner.flights.invalidate_all(|| inner.l1.clear());
        Ok(cleared)
    }

    /// Loads entries before they are asked for; see [`Warm`].
    pub fn warm<I: IntoIterator>(&self, ids: I) -> Warm<'_, I::IntoIter> {
        Warm::new(self, ids.into_iter())
    }

    /// Compares the stored entries of a reader with its source; see [`Reconcile`].
    ///
    /// `entry_of` makes a key's entry: `<reader>_args` reads the key back into arguments, and `<reader>_entry` takes them.
    pub fn reconcile<'e, R, F>(&self, template: &str, entry_of: F) -> Reconcile<'_, F>
    where
        F: Fn(&str) -> Option<Entry<'e, R>>,
        R: Send + 'static,
    {
        Reconcile::new(self, template, entry_of)
    }

    /// What the cache has done so far.
    pub fn stats(&self) -> Stats {
        let inner = &self.0;
        let functions = inner.functions.all();
        Stats {
            functions: functions.into_iter().map(|f| FunctionStats::new(f.spec, &f.counters)).collect(),
            entries: inner.l1.len() as u64,
            bytes: inner.l1.bytes(),
            budget: inner.l1.budget(),
            keys_in_motion: inner.flights.len() as u64,
            unsent_invalidations: self.unsent() as u64,
            pending_writes: inner.behind.pending_count() as u64,
        }
    }

    /// What the functions called so far disagree about, each with the places of both; empty unless there is a mistake.
    ///
    /// Functions that share keys must agree on the type of their values, on the braces of their templates and on their groups. The later of two that
    /// don't runs without the cache, and the earlier, too, where a write through one would miss entries of the other. It is logged
    /// when it happens, and panics in the crate's own tests. See [`Inventory::conflicts`](crate::Inventory::conflicts) for what can be known at the start.
    pub fn conflicts(&self) -> Vec<String> {
        self.0.functions.conflicts()
    }

    fn unsent(&self) -> usize {
        self.0.remote.as_ref().map_or(0, |remote| remote.shared.unsent.len())
    }
}

/// What [`Cache::shutdown`] could not finish.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// Acknowledged writes that the database did not take in time. With the `memory` queue they are lost; in others they are safe, and those are left out that stand in
    /// [`unserved`](Self::unserved).
    pub unwritten: usize,
    /// Functions that this process doesn't flush for, and whose writes wait: for another process, or for nobody. Shutting down doesn't wait for them.
    pub unserved: Vec<WaitingFunction>,
    /// Invalidations that the shared store did not take: other processes may read those entries until their ttl.
    pub unsent_invalidations: usize,
}

impl Inner {
    #[inline]
    pub(crate) fn function<V: 'static>(&self, spec: &'static Spec) -> &Function {
        self.functions.get::<V>(spec)
    }

    /// The same; its type is known from now on, should anybody ask.
    #[inline]
    pub(crate) fn function_of<V: Cacheable>(&self, spec: &'static Spec) -> &Function {
        spec.saw::<V>();
        self.functions.get::<V>(spec)
    }

    /// Where the counters of a key's groups stand.
    pub(crate) fn group_stamps(&self, key: &Key) -> Option<Arc<[GroupStamp]>> {
        let stamp = |group: &Group| self.groups.stamp(KeyId::of_group(&group.text));
        (!key.groups.is_empty()).then(|| key.groups.iter().map(stamp).collect())
    }

    pub(crate) fn known_function(&self, spec: &'static Spec) -> Option<&Function> {
        self.functions.known(spec)
    }

    /// The name of a function's entry in the shared store.
    pub(crate) fn entry_key<V: Cacheable>(function: &Function, key: &Key) -> EntryKey {
        EntryKey {
            text: key.text.clone(),
            partition: key.partition,
            template: Cow::Borrowed(function.spec.family()),
            fingerprint: function.fingerprint::<V>(),
            groups: key.groups.clone(),
        }
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("enabled", &self.0.enabled)
            .field("namespace", &self.0.namespace)
            .field("l1", &self.0.l1)
            .field("remote", &self.0.remote)
            .finish_non_exhaustive()
    }
}

/// Anything that a cache can be reached through: the value of the `cache` option.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cache",
    label = "expected a `Cache`",
    note = "`cache = ..` takes an expression of type `Cache`, `&Cache`, `Arc<Cache>` or `LazyLock<Cache>`, such as `self.cache`; a free function can take a parameter `cache: &Cache` instead"
)]
pub trait HasCache {
    /// The cache.
    fn cache(&self) -> &Cache;
}

#[diagnostic::do_not_recommend]
impl HasCache for Cache {
    #[inline]
    fn cache(&self) -> &Cache {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<C: HasCache + ?Sized> HasCache for &C {
    #[inline]
    fn cache(&self) -> &Cache {
        C::cache(self)
    }
}

#[diagnostic::do_not_recommend]
impl<C: HasCache + ?Sized> HasCache for Arc<C> {
    #[inline]
    fn cache(&self) -> &Cache {
        C::cache(self)
    }
}

#[diagnostic::do_not_recommend]
impl<C: HasCache> HasCache for LazyLock<C> {
    #[inline]
    fn cache(&self) -> &Cache {
        C::cache(self)
    }
}
