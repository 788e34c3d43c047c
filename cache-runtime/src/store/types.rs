//! The words in which the cache and a store talk.

use bytes::Bytes;
use std::{borrow::Cow, fmt, num::NonZeroU64, sync::Arc, time::Duration};

/// Identifies one load attempt or one write; random, never reused. Zero is nobody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub u128);

/// The version of a row, which rises with every commit; what stores compare is the number.
pub type Version = NonZeroU64;

impl Token {
    /// A fresh random token.
    pub fn random() -> Self {
        Self(fastrand::u128(1..))
    }
}

/// Tells one value type (and its shape) from another; the low 16 bits appear in the physical key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The part that appears in the physical key.
    pub fn short(self) -> u16 {
        (self.0 & 0xffff) as u16
    }
}

/// One of the 64 partitions of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(u8);

impl Partition {
    /// How many partitions a namespace has.
    pub const COUNT: u8 = 64;

    /// The first of them.
    pub(crate) const FIRST: Self = Self(0);

    /// The partition that the partitioning text of a key falls into.
    pub fn of(text: &str) -> Self {
        // CRC-32 is fixed for ever and costs nothing beside the round trip.
        let [low, ..] = (crc32fast::hash(text.as_bytes()) % u32::from(Self::COUNT)).to_le_bytes();
        Self(low)
    }

    /// Its number, below [`Partition::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// All partitions, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }
}

/// A group of entries that can be dropped together, named by the leading part of their keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// The text of the keys up to the end of the group's last part, such as `browse:books`.
    pub text: Arc<str>,
    /// Where the group and all its entries live.
    pub partition: Partition,
}

/// The logical name of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// The key as rendered from its template, such as `product:42`.
    pub text: Arc<str>,
    /// Where it lives.
    pub partition: Partition,
    /// The template it was rendered from; a store remembers the variants in use per template.
    pub template: Cow<'static, str>,
    /// The variant: which value type the entry holds.
    pub fingerprint: Fingerprint,
    /// The groups it belongs to, all in the same partition; usually none, at most two.
    pub groups: Vec<Group>,
}

/// What [`Store::invalidate`](super::Store::invalidate) drops.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// One key, in every variant.
    Key {
        /// The key's text.
        text: Arc<str>,
        /// Where it lives.
        partition: Partition,
        /// The template it was rendered from.
        template: Cow<'static, str>,
        /// The row's version after the write, where it is known: older ones are not stored for a while.
        version: Option<Version>,
    },
    /// A whole group.
    Group(Group),
}

impl Target {
    /// Where it lives.
    pub fn partition(&self) -> Partition {
        match self {
            Self::Key { partition, .. } => *partition,
            Self::Group(group) => group.partition,
        }
    }

    /// The row's version, as far as it is known; a group has none.
    pub fn version(&self) -> Option<Version> {
        match self {
            Self::Key { version, .. } => *version,
            Self::Group(_) => None,
        }
    }

    /// The same key with its row's version, as far as that is known; a group has none.
    #[must_use]
    pub fn with_version(mut self, of_row: Option<Version>) -> Self {
        if let Self::Key { version, .. } = &mut self {
            *version = of_row;
        }
        self
    }

    /// The same key or group, with nothing known about its row.
    #[must_use]
    pub fn without_version(self) -> Self {
        self.with_version(None)
    }
}

/// What a write that has ended leaves behind; see [`Store::end`](super::Store::end).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What it has made outdated.
    pub target: Target,
    /// The entry that takes its place, if the store finds that it may; for keys without groups.
    pub kept: Option<Kept>,
}

/// The entry of a row as a write has left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The variant.
    pub fingerprint: Fingerprint,
    /// The whole entry, header and payload.
    pub entry: Bytes,
    /// How long it may live; `None` for ever.
    pub ttl: Option<Duration>,
    /// The epoch it was made in.
    pub epoch: u32,
}

/// What became of one [`Written`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// It was announced until now. If not, something may have been stored that the write has just dropped.
    pub intact: bool,
    /// Its entry is in the store.
    pub stored: bool,
}

/// The generation of a group; never used twice, `0` when the group has none yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Stamp(pub u64);

/// How [`Store::acquire_over`](super::Store::acquire_over) recognises the entry that its caller rejected: by its
/// length and its first 64 bytes, where the header keeps the time and the checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    length: usize,
    head: Bytes,
}

impl Seen {
    const HEAD: usize = 64;

    /// Remembers this entry, without copying it.
    pub fn new(entry: &Bytes) -> Self {
        Self { length: entry.len(), head: entry.slice(..entry.len().min(Self::HEAD)) }
    }

    /// Whether `entry` is the one remembered.
    pub fn is(&self, entry: &[u8]) -> bool {
        entry.len() == self.length && entry.starts_with(&self.head)
    }

    /// Its length and its first bytes.
    pub fn parts(&self) -> (usize, &[u8]) {
        (self.length, &self.head)
    }
}

/// One answer of [`Store::read`](super::Store::read).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Read {
    /// The entry's bytes, if there is one.
    pub entry: Option<Bytes>,
    /// The generations of the key's groups now, in the order of [`EntryKey::groups`].
    pub stamps: Vec<Stamp>,
}

/// What to do after a miss.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// The entry is there after all.
    Present(Read),
    /// Load it, then [`fill`](super::Store::fill) with this epoch and these stamps.
    Granted {
        /// The epoch of the partition.
        epoch: u32,
        /// The generations of the key's groups, created if they were missing.
        stamps: Vec<Stamp>,
    },
    /// Somebody else is loading it; their lease ends after this time unless renewed.
    Wait(Duration),
    /// A write is open, or may still commit, or the store is full: load, but don't store.
    Bypass,
    /// A write was acknowledged that the database may not have yet, and this reader can't be shown it; see [`WriteQueue`](super::WriteQueue).
    Pending {
        /// It says that the row is gone.
        absent: bool,
    },
}

/// What [`Store::fill`](super::Store::fill) is asked to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The token that was granted the lease.
    pub token: Token,
    /// The whole entry, header and payload.
    pub entry: Bytes,
    /// How long it may live; `None` for ever.
    pub ttl: Option<Duration>,
    /// The epoch that came with the lease.
    pub epoch: u32,
    /// The stamps that came with the lease.
    pub stamps: Vec<Stamp>,
    /// The row's version, where it is known: one that is older than what a write has told is not stored.
    pub version: Option<Version>,
}

/// What became of a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillOutcome {
    /// The entry is in the store.
    Stored,
    /// The lease was gone (something was invalidated, or the load took longer than its lease), or the store is full.
    Refused,
}

/// What [`Store::clear`](super::Store::clear) drops.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Clear {
    /// Every key that begins with this text and that `matches` accepts.
    Prefix {
        /// The literal text that all the keys begin with.
        prefix: Cow<'static, str>,
        /// Accepts the keys of one template: called with the template, then the key's text.
        matches: fn(&str, &str) -> bool,
        /// The template, handed to `matches` together with each key.
        template: Cow<'static, str>,
    },
    /// The whole namespace: every partition's epoch moves.
    Namespace,
}

/// Where a walk over the stored keys has come to; only the store that made it understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub Bytes);

/// One step of [`Store::scan`](super::Store::scan).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scanned {
    /// What was found, in no order.
    pub keys: Vec<ScannedKey>,
    /// Where the next step begins; none after the last.
    pub next: Option<Cursor>,
}

/// A stored entry that a walk has found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScannedKey {
    /// The key's text, such as `product:42`.
    pub text: Arc<str>,
    /// The variant: [`Fingerprint::short`] of its value type.
    pub variant: u16,
}

/// The answer of [`Store::pulse`](super::Store::pulse).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pulse {
    /// The store's clock, since the Unix epoch.
    pub time: Duration,
    /// The epoch of every partition.
    pub epochs: Vec<u32>,
}

impl Pulse {
    /// A pulse with this clock and these epochs, one per partition.
    pub fn new(time: Duration, epochs: Vec<u32>) -> Self {
        Self { time, epochs }
    }
}

/// Why a store did not answer as asked.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    operation: &'static str,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Kinds of [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// No connection, or it broke: the outcome is unknown.
    Connection,
    /// No answer before the deadline: the outcome is unknown.
    Timeout,
    /// The circuit breaker is open: nothing was sent.
    BreakerOpen,
    /// The store answered that it can't serve now (loading its data, busy with a script, failing over): nothing was done.
    Unavailable,
    /// The store answered with an error: the request, the access rights or the namespace is at fault, not the link.
    Refused,
    /// The store answered something that makes no sense.
    Protocol,
}

impl StoreErrorKind {
    /// The kind as a label for logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::BreakerOpen => "breaker_open",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::Protocol => "protocol",
        }
    }
}

impl StoreError {
    /// An error of this kind in this operation.
    pub fn new(kind: StoreErrorKind, operation: &'static str) -> Self {
        Self { kind, operation, source: None }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// The operation that failed.
    pub fn operation(&self) -> &'static str {
        self.operation
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store failed in `{}`: {}", self.operation, self.kind.as_str())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
