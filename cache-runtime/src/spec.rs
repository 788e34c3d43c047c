//! What one annotated function declares.

use std::{
    panic::Location,
    sync::{
        OnceLock,
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

/// How long a function's entries live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// Until they are removed.
    Forever,
    For(Duration),
    /// Each call decides.
    Computed,
}

impl Lifetime {
    /// The time, where it is declared and has an end.
    pub(crate) fn time(self) -> Option<Duration> {
        match self {
            Self::For(time) => Some(time),
            Self::Forever | Self::Computed => None,
        }
    }
}

/// What one annotated function declares; a static, made by the macros.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // facts about the function, each true or not
pub struct Spec {
    pub(crate) function: &'static str,
    pub(crate) module: &'static str,
    pub(crate) location: &'static Location<'static>,
    pub(crate) strategy: Strategy,
    pub(crate) template: &'static str,
    pub(crate) ttl: Lifetime,
    pub(crate) negative_ttl: Option<Duration>,
    pub(crate) refresh_at: Option<f64>,
    pub(crate) stale_if_error: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) jitter: f64,
    pub(crate) schema: Option<u32>,
    pub(crate) has_write_through: bool,
    pub(crate) has_write_behind: bool,
    pub(crate) has_deferred_body: bool,
    pub(crate) conflicts_panic: bool,
    family: OnceLock<String>,
    family_number: AtomicU64,
    id: AtomicU32,
}

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
            ttl: Lifetime::Forever,
            negative_ttl: None,
            refresh_at: None,
            stale_if_error: None,
            timeout: None,
            jitter: DEFAULT_JITTER,
            schema: None,
            has_write_through: false,
            has_write_behind: false,
            has_deferred_body: false,
            conflicts_panic: false,
            family: OnceLock::new(),
            family_number: AtomicU64::new(0),
            id: AtomicU32::new(0),
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
        self.ttl = Lifetime::For(Duration::from_millis(ms));
        self
    }

    /// Entries never expire.
    #[must_use]
    pub const fn ttl_forever(mut self) -> Self {
        self.ttl = Lifetime::Forever;
        self
    }

    /// Each call decides how long its entry lives.
    #[must_use]
    pub const fn ttl_computed(mut self) -> Self {
        self.ttl = Lifetime::Computed;
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

    /// The function is compiled for tests, where a conflict with another function is a mistake to stop at.
    #[must_use]
    pub const fn conflicts_panic(mut self, in_tests: bool) -> Self {
        self.conflicts_panic = in_tests;
        self
    }

    /// The template belongs to a group.
    #[must_use]
    pub const fn grouped(self) -> Self {
        self
    }

    /// A write-through function writes the same template.
    #[must_use]
    pub const fn write_through_sibling(mut self) -> Self {
        self.has_write_through = true;
        self
    }

    /// A write-behind function writes the same template.
    #[must_use]
    pub const fn write_behind_sibling(mut self) -> Self {
        self.has_write_behind = true;
        self
    }

    /// A write-behind function whose own body is run later, call by call.
    #[must_use]
    pub const fn deferred_body(mut self) -> Self {
        self.has_deferred_body = true;
        self
    }

    /// The template without the names of its placeholders: what readers and writers of the same entries have in common.
    pub(crate) fn family(&'static self) -> &'static str {
        self.family.get_or_init(|| crate::key::family(self.template))
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
