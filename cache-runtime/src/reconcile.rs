//! Do the stored entries of a reader say what its source says?

use crate::{
    Cache, Error, ErrorKind, Result,
    cache::Remote,
    clock,
    handle::{Entry, Look},
    key,
    store::{ScannedKey, Store},
    write,
};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::{fmt, num::NonZeroU32, time::Duration};

/// Keys that are named in the report.
const NAMED: usize = 100;
/// How often a key is looked at whose entry changes under the look.
const LOOKS: usize = 4;
/// What a write that has just committed has to tell the store: longer than its deadline for that.
const GRACE: Duration = Duration::from_millis(250);

/// Walks the stored entries of a reader and compares each with what the reader's body returns; made by [`Cache::reconcile`].
///
/// ```
/// use cache_runtime::{Cache, repository, store::MemoryStore};
///
/// #[derive(Clone)]
/// struct Prices { cache: Cache }
///
/// #[repository(cache = self.cache, ttl = "5m")]
/// impl Prices {
///     #[cached(strategy = "read_through", key = "price:<id>")]
///     async fn price(&self, id: i64) -> std::io::Result<i64> { Ok(id) } // a query
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cache = Cache::builder().namespace("shop").store(MemoryStore::new()).build().await?;
/// let prices = Prices { cache: cache.clone() };
/// prices.price(7).await?;
/// cache.settle().await;
///
/// let report = cache
///     .reconcile("price:<id>", |key| {
///         let (id,) = Prices::price_args(key)?;
///         Some(prices.price_entry(id))
///     })
///     .pace(500)
///     .repair(true)
///     .run()
///     .await?;
/// assert_eq!((report.equal, report.drifted), (1, 0));
/// # Ok(())
/// # }
/// ```
///
/// `<reader>_args` is there where every argument in the key reads back. Arguments that aren't in the key (`skip(..)`) are up to the closure.
///
/// A difference counts as drift only if the same entry was there before and after its source was read, twice, a quarter of a second apart, while no write of
/// its key was known: a write that commits meanwhile is no drift. Readers that the body calls run their bodies, too.
///
/// What is walked is the shared store. The memory of a process doesn't keep keys by their text; what it has beside a shared store lives no
/// longer than `l1_max_lag`. Dropping the future stops the walk; what was repaired stays.
#[must_use = "nothing is compared before `run`"]
pub struct Reconcile<'c, F> {
    cache: &'c Cache,
    template: String,
    entry_of: F,
    repair: bool,
    concurrency: usize,
    per_second: Option<NonZeroU32>,
    progress: Option<Progress<'c>>,
}

type Progress<'c> = Box<dyn FnMut(&Reconciled) + Send + 'c>;

/// What [`Reconcile`] has found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconciled {
    /// Stored entries looked at. A store may show one twice.
    pub walked: u64,
    /// Of those, entries that were compared with their source.
    pub compared: u64,
    /// Entries that said what the source says.
    pub equal: u64,
    /// Entries that didn't.
    pub drifted: u64,
    /// The first 100 of their keys.
    pub drifted_keys: Vec<String>,
    /// Drifted entries that were dropped, with [`Reconcile::repair`].
    pub repaired: u64,
    /// Entries that could not be compared.
    pub skipped: Skipped,
}

/// Why entries were not compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// The key is being written, or its entry changed at every look.
    pub busy: u64,
    /// The entry was gone, or outdated, or damaged: it answers nobody.
    pub gone: u64,
    /// The key doesn't read back into arguments: it is too long and was shortened, belongs to another template, or the closure wants none of it.
    pub unparsable: u64,
    /// The entry holds another type of values: it belongs to another release, or another function.
    pub other_types: u64,
    /// The body failed, or the value can't be written down as JSON.
    pub failed: u64,
    /// The store did not answer in time.
    pub unread: u64,
}

impl<'c, F> Reconcile<'c, F> {
    pub(crate) fn new(cache: &'c Cache, template: &str, entry_of: F) -> Self {
        let template = template.to_owned();
        Self { cache, template, entry_of, repair: false, concurrency: 4, per_second: None, progress: None }
    }

    /// Drops the entries that have drifted, so that the next read loads them; never writes one. Off unless given.
    pub fn repair(mut self, repair: bool) -> Self {
        self.repair = repair;
        self
    }

    /// How many entries are compared at once; 4 unless given.
    pub fn concurrency(mut self, entries: usize) -> Self {
        self.concurrency = entries.max(1);
        self
    }

    /// How many entries a second are begun at most; 0, which is the default, means as fast as it goes.
    pub fn pace(mut self, per_second: u32) -> Self {
        self.per_second = NonZeroU32::new(per_second);
        self
    }

    /// Calls this after every entry.
    pub fn progress(mut self, progress: impl FnMut(&Reconciled) + Send + 'c) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Walks all stored entries of the template.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) without a shared store; the store's error if its keys can't be walked to the end.
    pub async fn run<'e, R>(self) -> Result<Reconciled>
    where
        F: Fn(&str) -> Option<Entry<'e, R>>,
        R: Send + 'static,
    {
        let Self { cache, template, entry_of, repair, concurrency, per_second, mut progress } = self;
        let Some(remote) = &cache.0.remote else {
            return Err(Error::new(
                ErrorKind::Config,
                "there is no shared store to reconcile: the memory of a process doesn't keep entries by their keys",
            ));
        };
        let walk = Walk { cache, remote, entry_of: &entry_of, family: &key::family(&template), repair };
        let prefix = key::literal_prefix(&template);
        let apart = per_second.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.get());
        let (mut report, mut cursor, mut turn) = (Reconciled::default(), None, clock::exact());
        loop {
            let scanned = remote.shared.store.scan(&prefix, cursor.as_ref()).await?;
            let mut found = scanned.keys.into_iter();
            let mut checks = FuturesUnordered::new();
            loop {
                while checks.len() < concurrency
                    && let Some(found) = found.next()
                {
                    turn = turn.max(clock::exact()) + apart;
                    checks.push(walk.check(found, turn));
                }
                let Some((found, checked)) = checks.next().await else { break };
                report.add(&found, checked);
                if let Some(progress) = &mut progress {
                    progress(&report);
                }
            }
            cursor = scanned.next;
            if cursor.is_none() {
                return Ok(report);
            }
        }
    }
}

/// What became of one key.
#[derive(Clone, Copy, Debug)]
enum Checked {
    Equal,
    Drifted { repaired: bool },
    Busy,
    Gone,
    Unparsable,
    OtherType,
    Failed,
    Unread,
}

/// What every check of a walk needs.
struct Walk<'w, F> {
    cache: &'w Cache,
    remote: &'w Remote,
    entry_of: &'w F,
    family: &'w str,
    repair: bool,
}

impl<F> Walk<'_, F> {
    /// Checks a key when it is its turn.
    async fn check<'e, R>(&self, found: ScannedKey, turn: Duration) -> (ScannedKey, Checked)
    where
        F: Fn(&str) -> Option<Entry<'e, R>>,
        R: Send + 'static,
    {
        rest(self.remote, turn.saturating_sub(clock::exact())).await;
        let checked = self.look(&found).await;
        (found, checked)
    }

    async fn look<'e, R>(&self, found: &ScannedKey) -> Checked
    where
        F: Fn(&str) -> Option<Entry<'e, R>>,
        R: Send + 'static,
    {
        let mut suspected = None;
        for _ in 0..LOOKS {
            let entry = (self.entry_of)(&found.text).filter(|entry| entry.is(self.family, &found.text));
            let Some(entry) = entry else { return Checked::Unparsable };
            if entry.variant() != found.variant {
                return Checked::OtherType;
            }
            let (spec, edge) = entry.edge();
            match entry.look(self.remote).await {
                Look::Equal => return Checked::Equal,
                Look::Differs(bytes) if suspected.as_ref() == Some(&bytes) => {
                    if self.repair {
                        write::around(self.cache, spec, edge, async {}).await;
                    }
                    return Checked::Drifted { repaired: self.repair };
                }
                Look::Differs(bytes) => suspected = Some(bytes),
                Look::Moved => suspected = None,
                Look::Busy => return Checked::Busy,
                Look::Gone => return Checked::Gone,
                Look::Failed => return Checked::Failed,
                Look::Unread => return Checked::Unread,
            }
            rest(self.remote, GRACE).await;
        }
        Checked::Busy
    }
}

/// Waits in real time, on the cache's own runtime: the caller's may have no timer.
async fn rest(remote: &Remote, time: Duration) {
    if !time.is_zero() {
        // It ends early only with the cache.
        let _ = remote.background.spawn_service(async move { tokio::time::sleep(time).await }).await;
    }
}

impl Reconciled {
    fn add(&mut self, found: &ScannedKey, checked: Checked) {
        self.walked += 1;
        let skipped = &mut self.skipped;
        match checked {
            Checked::Equal => {
                self.compared += 1;
                self.equal += 1;
            }
            Checked::Drifted { repaired } => {
                self.compared += 1;
                self.drifted += 1;
                self.repaired += u64::from(repaired);
                if self.drifted_keys.len() < NAMED {
                    self.drifted_keys.push(found.text.to_string());
                }
            }
            Checked::Busy => skipped.busy += 1,
            Checked::Gone => skipped.gone += 1,
            Checked::Unparsable => skipped.unparsable += 1,
            Checked::OtherType => skipped.other_types += 1,
            Checked::Failed => skipped.failed += 1,
            Checked::Unread => skipped.unread += 1,
        }
    }
}

impl<F> fmt::Debug for Reconcile<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconcile")
            .field("template", &self.template)
            .field("repair", &self.repair)
            .finish_non_exhaustive()
    }
}
