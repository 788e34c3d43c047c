//! How a cache is described before it is built.

use super::{Cache, Inner, Remote, functions::Functions};
use crate::{
    Codec, Error, Result,
    behind::{Behind, Queue},
    clock::Clock,
    coherence::{Coherence, Near},
    error::ErrorKind,
    flight::Flights,
    l1::{Groups, L1},
    limit::{DEFAULT_LOADS, LoadLimit},
    read::Sampler,
    shared::{INTENT, Shared},
    store::{Deadlines, Guarded, Store},
    tails::{Background, Tasks},
};
use std::{fmt, sync::Arc, time::Duration};

/// The budget for entries in this process, unless the builder says otherwise: 64 MiB.
const DEFAULT_BUDGET: u64 = 64 << 20;
/// An announced write is extended each third of its length, and one answer may be missed.
const SHORTEST_INTENT: u32 = 4;

/// Describes a [`Cache`].
///
/// ```
/// use cache_runtime::Cache;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> cache_runtime::Result<()> {
/// let cache = Cache::builder().namespace("shop").memory(256 << 20).build().await?;
/// # let _ = cache;
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct CacheBuilder {
    namespace: Option<String>,
    budget: Option<u64>,
    clock: Clock,
    codec: Codec,
    shared: Option<Source>,
    l1_max_lag: Option<Duration>,
    foreign_writes: bool,
    load_limit: Option<usize>,
    queue: Option<Queue>,
    deadlines: Deadlines,
    intent: Option<Duration>,
}

enum Source {
    Store(Arc<dyn Store>),
    #[cfg(feature = "redis")]
    Redis(String),
}

impl CacheBuilder {
    /// The name under which this cache's entries stand in the shared store. Caches of one namespace share entries; mandatory with Redis.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// How many bytes entries may take in this process, all functions together; 64 MiB unless given.
    ///
    /// Values are weighed by their own size plus the length of their JSON. What is used least recently and least often goes first.
    #[must_use]
    pub fn memory(mut self, bytes: u64) -> Self {
        self.budget = Some(bytes);
        self
    }

    /// Keeps entries in the Redis at this URL (7.0 or later), such as `redis://127.0.0.1:6379`.
    ///
    /// The cache connects in the background and again after every outage; until it is connected, bodies run.
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn redis(mut self, url: impl Into<String>) -> Self {
        self.shared = Some(Source::Redis(url.into()));
        self
    }

    /// Keeps entries in another [`Store`].
    #[must_use]
    pub fn store(mut self, store: impl Store) -> Self {
        self.shared = Some(Source::Store(Arc::new(store)));
        self
    }

    /// Also answers from this process, at most this long behind what other processes write.
    ///
    /// Off unless given: then every hit asks the shared store. Processes tell each other what they change, so what another one has written is usually seen within
    /// milliseconds; if this process hears nothing for that long, it asks the shared store instead. Writes of this process are always seen at once.
    ///
    /// A function's own `l1_max_lag = ".."` takes its place, and readers of strict templates are answered from here only if they have one. A second is a good
    /// choice: a process asks four times as often whether it has missed something.
    #[must_use]
    pub fn l1_max_lag(mut self, lag: Duration) -> Self {
        self.l1_max_lag = Some(lag);
        self
    }

    /// Also hears of what others than this library write to the namespace in Redis: `DEL`, `SET`, `FLUSHALL`.
    ///
    /// Matters to processes that answer from their memory; see [`CacheBuilder::l1_max_lag`]. Redis then tells each of them of every key of the namespace that is written,
    /// stored after a load, or expires, whoever does it. So a fill costs one message per process instead of none, and what a process has just loaded it keeps in
    /// its memory only once it reads it again.
    #[cfg(feature = "redis")]
    #[must_use]
    pub fn track_foreign_writes(mut self) -> Self {
        self.foreign_writes = true;
        self
    }

    /// How values are encoded in the shared store; JSON unless given.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// The clock by which entries of this process expire.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How many bodies may run at once while the shared store is out of reach and shortly after; 64 unless given.
    #[must_use]
    pub fn load_limit(mut self, loads: usize) -> Self {
        self.load_limit = Some(loads);
        self
    }

    /// The queue that write-behind functions write to. They fail without one.
    #[must_use]
    pub fn write_behind(mut self, queue: Queue) -> Self {
        self.queue = Some(queue);
        self
    }

    /// How long a strict write that is announced in the shared store counts as alive without a sign of life; 10 s unless given.
    ///
    /// A live write gives one each third of that. If its process dies, its keys are not stored again before this has passed, which makes a longer time safer and
    /// a shorter one cheaper. As long, nothing is stored under the keys of a write whose outcome is unknown: no statement should be able to commit that late.
    #[must_use]
    pub fn intent(mut self, length: Duration) -> Self {
        self.intent = Some(length);
        self
    }

    /// How long the shared store may take to answer: 50 ms for a read, 200 ms for a fill, 150 ms for an invalidation unless given.
    #[must_use]
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.deadlines = deadlines;
        self
    }

    /// As the environment describes it; see [`Cache::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] names the variable that can't be used.
    pub fn from_env() -> Result<Self> {
        let mut builder = Self::default();
        if let Some(budget) = variable("CACHE_MEMORY")? {
            let bytes = parse_bytes(&budget).ok_or_else(|| {
                Error::new(
                    ErrorKind::Config,
                    format!("`CACHE_MEMORY` is {budget:?}; expected bytes, such as `64MiB`"),
                )
            })?;
            builder = builder.memory(bytes);
        }
        if let Some(namespace) = variable("CACHE_NAMESPACE")? {
            builder = builder.namespace(namespace);
        }
        if let Some(url) = variable("REDIS_URL")? {
            #[cfg(feature = "redis")]
            {
                builder = builder.redis(url);
            }
            #[cfg(not(feature = "redis"))]
            {
                drop(url);
                return Err(Error::new(ErrorKind::Config, "`REDIS_URL` is set, and feature `redis` is off"));
            }
        }
        Ok(builder)
    }

    /// Builds the cache. Doesn't fail because Redis is down.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when options are missing or contradict each other.
    pub async fn build(mut self) -> Result<Cache> {
        let Some(source) = self.shared.take() else {
            if self.l1_max_lag.is_some() {
                return Err(Error::new(
                    ErrorKind::Config,
                    "`l1_max_lag` is given without a shared store; in a single process entries are exact",
                ));
            }
            let cache = self.build_memory();
            return cache.0.behind.fit().map(|()| cache.clone());
        };
        if self.clock.is_of_a_runtime() {
            return Err(Error::new(
                ErrorKind::Config,
                "`Clock::tokio()` is for caches in a single process: a shared store is talked to from another runtime",
            ));
        }
        let intent = self.intent.unwrap_or(INTENT);
        if intent < self.deadlines.fence * SHORTEST_INTENT {
            return Err(Error::new(
                ErrorKind::Config,
                format!(
                    "an announced write that counts as dead after {intent:?} can't be kept alive by messages that may take {:?} each: `intent` is at least {SHORTEST_INTENT} times as long as the deadline `fence`",
                    self.deadlines.fence
                ),
            ));
        }
        let tasks = Tasks::default();
        let background = Background::start(tasks.clone()).map_err(|e| {
            Error::with_source(ErrorKind::Config, "the cache's thread could not be started", e)
        })?;
        #[cfg(feature = "redis")]
        let names = match (&source, &self.namespace) {
            (Source::Redis(_), Some(namespace)) => crate::store::PhysicalKeys::new(namespace).ok(),
            _ => None,
        };
        let store = self.open(source, &background)?;
        let guarded = Guarded::new(store, self.deadlines, background.handle());
        let shared = Shared::new(guarded, self.codec, intent);
        let first = background.spawn({
            let shared = shared.clone();
            async move { shared.pulse().await }
        });
        if !first.await.unwrap_or(false) {
            tracing::warn!("the shared store does not answer yet; bodies run until it does");
        }
        background.spawn_service(shared.clone().keep_up());
        let (lag, patience) = (self.l1_max_lag, self.deadlines.pulse);
        let remote = Remote {
            #[cfg(feature = "redis")]
            names,
            shared,
            background,
        };
        let cache = self.assemble(tasks, true, Some(remote));
        cache.0.behind.fit()?;
        if let (Some(remote), Near::Following(coherence)) = (&cache.0.remote, &cache.0.near) {
            let store = remote.shared.store.inner().clone();
            remote.background.spawn_service(coherence.clone().follow(store, cache.0.namespace.clone()));
            if lag.is_some() {
                // What is read from now on may be answered from here.
                let heard = coherence.clone();
                let heard = async move { tokio::time::timeout(patience, heard.heard()).await.is_ok() };
                if !remote.background.spawn(heard).await.unwrap_or(false) {
                    tracing::debug!("nothing was heard from the shared store yet; it is asked until then");
                }
            }
        }
        Ok(cache)
    }

    /// Builds a cache in this process; whatever the builder says of a shared store is left out.
    pub fn build_memory(self) -> Cache {
        self.assemble(Tasks::default(), true, None)
    }

    pub(crate) fn build_disabled(self) -> Cache {
        self.assemble(Tasks::default(), false, None)
    }

    #[cfg_attr(not(feature = "redis"), allow(clippy::unnecessary_wraps))]
    fn open(&self, source: Source, background: &Background) -> Result<Arc<dyn Store>> {
        let _ = background;
        match source {
            Source::Store(_) if self.foreign_writes => Err(Error::new(
                ErrorKind::Config,
                "`track_foreign_writes` is for Redis; another store tells what it tells",
            )),
            Source::Store(store) => Ok(store),
            #[cfg(feature = "redis")]
            Source::Redis(url) => {
                let namespace = self.namespace.as_deref().ok_or_else(|| {
                    Error::new(
                        ErrorKind::Config,
                        "Redis needs a namespace: call `.namespace(\"..\")`, or set `CACHE_NAMESPACE`",
                    )
                })?;
                let config = |e: &dyn std::error::Error| Error::new(ErrorKind::Config, e.to_string());
                let mut options = crate::store::RedisOptions::new(&url, namespace).map_err(|e| config(&e))?;
                if self.foreign_writes {
                    options = options.track_foreign_writes();
                }
                Ok(Arc::new(crate::store::RedisStore::new(options, background.handle().clone())))
            }
        }
    }

    fn assemble(self, tasks: Tasks, enabled: bool, remote: Option<Remote>) -> Cache {
        let l1 = Arc::new(L1::new(self.budget.unwrap_or(DEFAULT_BUDGET)));
        let flights = Flights::new(self.clock.clone());
        let groups = Arc::new(Groups::new());
        let coherence = remote
            .as_ref()
            .map(|_| Coherence::new(self.l1_max_lag, l1.clone(), flights.clone(), groups.clone()));
        let near = match &coherence {
            _ if !enabled => Near::Off,
            None => Near::Exact,
            Some(coherence) => Near::Following(coherence.clone()),
        };
        let namespace = self.namespace.unwrap_or_default();
        let behind = Behind::new(self.queue, &namespace, remote.as_ref());
        Cache(Arc::new(Inner {
            enabled,
            near,
            l1,
            flights,
            groups,
            functions: Functions::new(coherence),
            loads: LoadLimit::new(self.load_limit.unwrap_or(DEFAULT_LOADS)),
            sampler: Sampler::new(),
            behind,
            tasks,
            remote,
            namespace,
            clock: self.clock,
        }))
    }
}

fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value.trim().to_owned())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::new(ErrorKind::Config, format!("`{name}` is not valid Unicode")))
        }
    }
}

/// `1048576`, `64MiB`, `1 GiB`, `500kB`.
fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "kib" => 1 << 10,
        "mb" => 1_000_000,
        "mib" => 1 << 20,
        "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor).filter(|&bytes| bytes > 0)
}

impl fmt::Debug for CacheBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the URL: it may carry a password.
        f.debug_struct("CacheBuilder")
            .field("namespace", &self.namespace)
            .field("budget", &self.budget)
            .field("shared", &self.shared.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_bytes("1048576"), Some(1 << 20));
        assert_eq!(parse_bytes("64MiB"), Some(64 << 20));
        assert_eq!(parse_bytes("2 GB"), Some(2_000_000_000));
        for wrong in ["", "MiB", "-1", "1.5GiB", "64 potatoes", "0", "99999999999999999999"] {
            assert_eq!(parse_bytes(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn l1_max_lag_without_a_store_is_refused() {
        let error = Cache::builder().l1_max_lag(Duration::from_secs(1)).build().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[cfg(feature = "redis")]
    #[tokio::test]
    async fn redis_without_a_namespace_is_refused() {
        let error = Cache::builder().redis("redis://127.0.0.1:1").build().await.unwrap_err();
        assert!(error.to_string().contains("namespace"), "{error}");
    }
}
