//! What one annotated function declares.

use crate::{
    behind::Adding,
    level::{self, Level},
    store::Fingerprint,
    value::{Cacheable, ValueType},
};
use siphasher::sip128::SipHasher13;
use std::{
    panic::Location,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

/// The named presets of policies that a function can choose; see the table in the crate docs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// Reads load once per process; the application steers entries through the entry handle.
    CacheAside,
    /// Reads load once in the whole fleet; absent values can be cached.
    ReadThrough,
    /// As read-through, and entries are reloaded in the background before they expire.
    RefreshAhead,
    /// Writes put the value into the cache, or remove the entry.
    WriteThrough,
    /// Writes remove the entry; the next read loads it.
    WriteAround,
    /// Writes are acknowledged from the cache and reach the database later, in batches.
    WriteBehind,
    /// Not a strategy: `#[invalidates(..)]`.
    Invalidate,
}

impl Strategy {
    /// Whether functions of this strategy read entries.
    pub(crate) const fn reads(self) -> bool {
        match self {
            Self::CacheAside | Self::ReadThrough | Self::RefreshAhead => true,
            Self::WriteThrough | Self::WriteAround | Self::WriteBehind | Self::Invalidate => false,
        }
    }

    /// Whether functions of this strategy keep values, and so have a type for them.
    pub(crate) const fn stores(self) -> bool {
        match self {
            Self::CacheAside
            | Self::ReadThrough
            | Self::RefreshAhead
            | Self::WriteThrough
            | Self::WriteBehind => true,
            Self::WriteAround | Self::Invalidate => false,
        }
    }

    /// The name as written in the attribute.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CacheAside => "cache_aside",
            Self::ReadThrough => "read_through",
            Self::RefreshAhead => "refresh_ahead",
            Self::WriteThrough => "write_through",
            Self::WriteAround => "write_around",
            Self::WriteBehind => "write_behind",
            Self::Invalidate => "invalidates",
        }
    }
}

/// How long a function's entries live, as its attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeclaredTtl {
    /// Until they are removed.
    Forever,
    /// This long, give or take the jitter.
    For(Duration),
    /// Each call decides.
    Computed,
}

/// What one annotated function declares; a static, made by the macros.
#[derive(Debug)]
pub struct Spec {
    pub(crate) function: &'static str,
    pub(crate) module: &'static str,
    pub(crate) location: &'static Location<'static>,
    pub(crate) strategy: Strategy,
    pub(crate) template: &'static str,
    pub(crate) ttl: DeclaredTtl,
    pub(crate) negative_ttl: Option<Duration>,
    pub(crate) refresh_at: Option<f64>,
    pub(crate) stale_if_error: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    /// How long this process may answer from its memory beside the shared store.
    pub(crate) l1_max_lag: Option<Duration>,
    /// The share of hits that are compared with the source, in parts per million.
    pub(crate) verify_ppm: Option<u32>,
    pub(crate) jitter: f64,
    pub(crate) schema: Option<u32>,
    /// As written; [`Spec::level_in_force`] is what counts.
    pub(crate) level: Option<Level>,
    pub(crate) groups: &'static [usize],
    pub(crate) edges: &'static [SpecEdge],
    pub(crate) generic: bool,
    pub(crate) conflicts_panic: bool,
    /// A write-behind function: a waiting write is replaced by the next one to its key.
    pub(crate) coalesce: bool,
    /// A write-behind function: what its writes show.
    pub(crate) writes: Writes,
    /// A write-behind function: how its deltas are added to the row.
    pub(crate) adding: Option<Adding>,
    queued_as: OnceLock<Arc<str>>,
    value: Option<TypeOfValues>,
    seen: OnceLock<TypeOfValues>,
    family: OnceLock<String>,
    family_number: AtomicU64,
    id: AtomicU32,
    in_force: OnceLock<Level>,
    deferred: OnceLock<bool>,
}

/// What the writes of a write-behind function show to readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writes {
    Values,
    Deltas,
    Removals,
}

/// An edge, as it stands in the attribute.
#[derive(Debug)]
pub struct SpecEdge {
    pub(crate) path: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) whole_group: bool,
}

impl SpecEdge {
    /// `find(id)`: one entry.
    pub const fn key(path: &'static str, arguments: &'static str) -> Self {
        Self { path, arguments, whole_group: false }
    }

    /// `browse(category, ..)`: all entries of a group.
    pub const fn group(path: &'static str, arguments: &'static str) -> Self {
        Self { path, arguments, whole_group: true }
    }
}

/// The functions of one block.
#[derive(Debug)]
pub struct Specs(pub &'static [fn() -> &'static Spec]);

::inventory::collect!(&'static Spec);
::inventory::collect!(Specs);

/// Every spec that is linked into the program, in no order.
pub(crate) fn linked() -> impl Iterator<Item = &'static Spec> {
    let blocks = ::inventory::iter::<Specs>.into_iter().flat_map(|specs| specs.0);
    blocks.map(|spec| spec()).chain(::inventory::iter::<&'static Spec>.into_iter().copied())
}

/// Tells a type, given the user's number for its schema.
type TypeOfValues = fn(Option<u32>) -> ValueType;

/// Expiry moves by up to this fraction in either direction, so that entries made together don't expire together.
pub(crate) const DEFAULT_JITTER: f64 = 0.1;

/// Functions are numbered as they are first called; 0 means not yet.
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Spec {
    /// A function that reads or writes the entries of a template.
    #[track_caller]
    pub const fn new(
        function: &'static str,
        module: &'static str,
        strategy: Strategy,
        template: &'static str,
    ) -> Self {
        Self {
            function,
            module,
            location: Location::caller(),
            strategy,
            template,
            ttl: DeclaredTtl::Forever,
            negative_ttl: None,
            refresh_at: None,
            stale_if_error: None,
            timeout: None,
            l1_max_lag: None,
            verify_ppm: None,
            jitter: DEFAULT_JITTER,
            schema: None,
            level: None,
            groups: &[],
            edges: &[],
            generic: false,
            conflicts_panic: false,
            coalesce: true,
            writes: Writes::Values,
            adding: None,
            queued_as: OnceLock::new(),
            value: None,
            seen: OnceLock::new(),
            family: OnceLock::new(),
            family_number: AtomicU64::new(0),
            id: AtomicU32::new(0),
            in_force: OnceLock::new(),
            deferred: OnceLock::new(),
        }
    }

    /// A function that only invalidates.
    #[track_caller]
    pub const fn invalidates(function: &'static str, module: &'static str) -> Self {
        Self::new(function, module, Strategy::Invalidate, "")
    }

    /// Entries expire this long after they were stored.
    #[must_use]
    pub const fn ttl_ms(mut self, ms: u64) -> Self {
        self.ttl = DeclaredTtl::For(Duration::from_millis(ms));
        self
    }

    /// Entries never expire.
    #[must_use]
    pub const fn ttl_forever(mut self) -> Self {
        self.ttl = DeclaredTtl::Forever;
        self
    }

    /// Each call decides how long its entry lives.
    #[must_use]
    pub const fn ttl_computed(mut self) -> Self {
        self.ttl = DeclaredTtl::Computed;
        self
    }

    /// Absent values are cached for this long.
    #[must_use]
    pub const fn negative_ttl_ms(mut self, ms: u64) -> Self {
        self.negative_ttl = Some(Duration::from_millis(ms));
        self
    }

    /// Entries are reloaded in the background past this part of their ttl, in thousandths.
    #[must_use]
    pub const fn refresh_at_permille(mut self, permille: u32) -> Self {
        self.refresh_at = Some(permille as f64 / 1_000.0);
        self
    }

    /// An expired entry answers for this much longer when the body fails.
    #[must_use]
    pub const fn stale_if_error_ms(mut self, ms: u64) -> Self {
        self.stale_if_error = Some(Duration::from_millis(ms));
        self
    }

    /// The body may take this long.
    #[must_use]
    pub const fn timeout_ms(mut self, ms: u64) -> Self {
        self.timeout = Some(Duration::from_millis(ms));
        self
    }

    /// Beside the shared store, this process answers from its memory for at most this long without having heard of a write.
    #[must_use]
    pub const fn l1_max_lag_ms(mut self, ms: u64) -> Self {
        self.l1_max_lag = Some(Duration::from_millis(ms));
        self
    }

    /// So many hits of a million are compared with the source.
    #[must_use]
    pub const fn verify_ppm(mut self, share: u32) -> Self {
        self.verify_ppm = Some(share);
        self
    }

    /// Expiry moves by up to this many thousandths.
    #[must_use]
    pub const fn jitter_permille(mut self, permille: u32) -> Self {
        self.jitter = permille as f64 / 1_000.0;
        self
    }

    /// The user's number for the schema of its values.
    #[must_use]
    pub const fn schema(mut self, number: u32) -> Self {
        self.schema = Some(number);
        self
    }

    /// The level that is written, on the function or on its repository.
    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// The function is compiled for tests, where a conflict with another function is a mistake to stop at.
    #[must_use]
    pub const fn conflicts_panic(mut self, in_tests: bool) -> Self {
        self.conflicts_panic = in_tests;
        self
    }

    /// With `false`, every write of a write-behind function reaches the database, in order.
    #[must_use]
    pub const fn coalesce(mut self, coalesce: bool) -> Self {
        self.coalesce = coalesce;
        self
    }

    /// A write-behind function that deletes.
    #[must_use]
    pub const fn deletes(mut self) -> Self {
        self.writes = Writes::Removals;
        self
    }

    /// What a write-behind function writes are deltas, to be combined with the row.
    #[must_use]
    pub const fn merges(mut self) -> Self {
        self.writes = Writes::Deltas;
        self
    }

    /// How they are combined, where the function's types are known without calling it.
    #[must_use]
    pub const fn adding(mut self, adding: Adding) -> Self {
        self.adding = Some(adding);
        self
    }

    /// Whether it stores values of its own type.
    pub(crate) const fn stores(&self) -> bool {
        self.strategy.stores() && matches!(self.writes, Writes::Values)
    }

    /// The name under which the writes of a write-behind function wait. Releases that agree on it flush each other's writes.
    pub(crate) fn queued_as(&'static self) -> &'static Arc<str> {
        self.queued_as.get_or_init(|| format!("{} {}", self.function, self.family()).into())
    }

    /// The entries belong to the groups of so many leading parts.
    #[must_use]
    pub const fn groups(mut self, depths: &'static [usize]) -> Self {
        self.groups = depths;
        self
    }

    /// What the function invalidates besides its own key.
    #[must_use]
    pub const fn edges(mut self, edges: &'static [SpecEdge]) -> Self {
        self.edges = edges;
        self
    }

    /// The function, or the block it stands in, has types of its callers' choice.
    #[must_use]
    pub const fn generic(mut self) -> Self {
        self.generic = true;
        self
    }

    /// The type of its values, where it can be named without calling the function.
    #[must_use]
    pub const fn value(mut self, value: TypeOfValues) -> Self {
        self.value = Some(value);
        self
    }

    /// The type of its values, if it is the same in every call and known: from the start, or since the first call.
    pub(crate) fn value_type(&self) -> Option<ValueType> {
        if let Some(value) = self.value {
            return Some(value(self.schema));
        }
        if self.generic { None } else { self.seen.get().map(|value| value(self.schema)) }
    }

    /// The function was called with values of this type.
    #[inline]
    pub(crate) fn saw<V: Cacheable>(&self) {
        // Only a generic function is called with several, and its types aren't told.
        self.seen.get_or_init(|| ValueType::of::<V>);
    }

    /// The level that counts: that of the template.
    pub(crate) fn level_in_force(&'static self) -> Level {
        *self.in_force.get_or_init(|| level::of(self))
    }

    /// Whether write-behind functions share its template.
    pub(crate) fn has_deferred_writers(&'static self) -> bool {
        *self
            .deferred
            .get_or_init(|| self.strategy == Strategy::WriteBehind || crate::behind::defers(self.family()))
    }

    /// The template without the names of its placeholders: what readers and writers of the same entries have in common.
    pub(crate) fn family(&'static self) -> &'static str {
        self.family.get_or_init(|| crate::key::family(self.template))
    }

    /// Tells the entries of this family with values of this schema from all others in the shared store: a key's text alone may be rendered
    /// from two templates.
    pub(crate) fn fingerprint(&'static self, schema: Fingerprint) -> Fingerprint {
        let mut named = schema.0.to_le_bytes().to_vec();
        named.extend_from_slice(self.family().as_bytes());
        Fingerprint(SipHasher13::new().hash(&named).h1)
    }

    /// The family's number in this process.
    #[inline]
    pub(crate) fn family_number(&'static self) -> u64 {
        match self.family_number.load(Ordering::Relaxed) {
            0 => self.find_family_number(),
            number => number,
        }
    }

    #[cold]
    fn find_family_number(&'static self) -> u64 {
        let number = crate::key::family_number(self.family());
        self.family_number.store(number, Ordering::Relaxed);
        number
    }

    /// This function's number in this process.
    #[inline]
    pub(crate) fn id(&self) -> usize {
        let id = self.id.load(Ordering::Relaxed);
        if id != 0 { id as usize } else { self.assign() }
    }

    #[cold]
    fn assign(&self) -> usize {
        let fresh = NEXT.fetch_add(1, Ordering::Relaxed);
        match self.id.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh as usize,
            Err(earlier) => earlier as usize,
        }
    }
}
