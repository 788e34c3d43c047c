//! What a store does, as a state machine without clock, lock and transport.
//!
//! [`MemoryStore`](super::MemoryStore) is this with a clock and a lock around it. The scripts of the Redis store are compared with it command by
//! command, and the model of the protocol explores it: what is proved of one holds for all three.

mod losses;
mod queue;
mod view;
mod writes;

pub use queue::KnownLine;
pub use view::{Known, KnownWrites, Overlap};

use super::{
    Clear, Cursor, EntryKey, Fill, FillOutcome, Group, Lookup, Partition, Read, Scanned, ScannedKey, Seen,
    Stamp, Target, Token, Version,
};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{Hash, Hasher},
    ops::Bound,
    sync::Arc,
    time::Duration,
};

/// How long the oldest version that may be stored is remembered: longer than any pause of a writer between its commit and its end.
const FLOOR: Duration = Duration::from_mins(10);
/// How many entries one step of a scan looks at.
const SCANNED: usize = 100;
/// The token of writes that nobody will end.
const NOBODY: Token = Token(0);

/// The state of a namespace.
///
/// Every operation takes the time since the Unix epoch on the store's clock; time must not go back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reference {
    entries: BTreeMap<(Place, u16), Entry>,
    leases: BTreeMap<Place, Lease>,
    writes: BTreeMap<Name, Writes>,
    generations: BTreeMap<Place, Stamp>,
    epochs: BTreeMap<Partition, u32>,
    lines: BTreeMap<Partition, queue::Line>,
    pending: BTreeMap<Place, queue::PendingKey>,
    variants: BTreeMap<String, BTreeSet<u16>>,
    /// Stamps are numbered as they are given.
    last_stamp: u64,
    next_end: NextEnd,
}

/// Nothing expires before this. The rest of the state says the same, so two states don't differ in it.
#[derive(Clone, Copy, Debug, Default)]
struct NextEnd(Option<Duration>);

impl PartialEq for NextEnd {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for NextEnd {}

impl Hash for NextEnd {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// Where a key or a group lives: one text in two partitions is two of them.
type Place = (Partition, Arc<str>);

/// What can be written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Name {
    Key(Place),
    Group(Place),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    bytes: Bytes,
    ends: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Lease {
    token: Token,
    ends: Duration,
    epoch: u32,
    stored: bool,
}

/// What is known of the writes to one key or group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Writes {
    /// Those that are announced, or may still commit, and when they end.
    open: BTreeMap<Token, Duration>,
    overlap: Overlap,
    floor: Option<(Version, Duration)>,
}

impl Writes {
    fn others(&self, token: Token) -> usize {
        self.open.len() - usize::from(self.open.contains_key(&token))
    }

    fn raise(&mut self, version: Option<Version>, now: Duration) -> Option<Duration> {
        let version = version.filter(|version| self.floor.is_none_or(|(floor, _)| floor < *version))?;
        self.floor = Some((version, now + FLOOR));
        Some(now + FLOOR)
    }

    /// Forgets what is over. A write that was not ended leaves its overlap in doubt.
    fn expire(&mut self, now: Duration) {
        let before = self.open.len();
        self.open.retain(|_, ends| *ends > now);
        if self.open.is_empty() {
            self.overlap = Overlap::None;
        } else if self.open.len() < before {
            self.overlap = Overlap::Unknown;
        }
        // The versions of writes that overlapped tell their order only as long as the newest is known.
        self.floor = self.floor.filter(|(_, ends)| *ends > now || !self.open.is_empty());
    }

    fn is_over(&self) -> bool {
        self.open.is_empty() && self.floor.is_none()
    }
}

impl Reference {
    /// [`Store::read`](super::Store::read) of one key.
    pub fn read(&mut self, key: &EntryKey, now: Duration) -> Read {
        self.expire(now);
        self.read_now(key)
    }

    /// [`Store::acquire`](super::Store::acquire), or [`Store::acquire_over`](super::Store::acquire_over) what was seen.
    pub fn acquire(
        &mut self,
        key: &EntryKey,
        seen: Option<&Seen>,
        token: Token,
        lease: Duration,
        now: Duration,
    ) -> Lookup {
        self.expire(now);
        if self.is_pending(&place(key)) {
            let shown = self.shown_variant(&place(key)) == Some(key.fingerprint.short());
            let read = Some(self.read_now(key)).filter(|read| shown && !rejected(read, seen));
            let pending = || Lookup::Pending { absent: self.shows_absent(&place(key)) };
            return read.map_or_else(pending, Lookup::Present);
        }
        if self.is_written(key) {
            return Lookup::Bypass;
        }
        let read = self.read_now(key);
        if read.entry.is_some() && !rejected(&read, seen) {
            return Lookup::Present(read);
        }
        let epoch = self.epoch(key.partition);
        if let Some(other) = self.leases.get(&place(key))
            && other.token != token
            && other.epoch == epoch
            && !other.stored
        {
            return Lookup::Wait(other.ends.saturating_sub(now));
        }
        let ends = self.ends_at(now + lease);
        self.leases.insert(place(key), Lease { token, ends, epoch, stored: false });
        let stamps = key.groups.iter().map(|group| self.stamp_or_new(group)).collect();
        Lookup::Granted { epoch, stamps }
    }

    /// [`Store::renew`](super::Store::renew).
    pub fn renew(&mut self, key: &EntryKey, token: Token, lease: Duration, now: Duration) -> bool {
        self.expire(now);
        let (epoch, ends) = (self.epoch(key.partition), self.ends_at(now + lease));
        let Some(held) = self.leases.get_mut(&place(key)) else { return false };
        if held.token != token || held.stored || held.epoch != epoch {
            return false;
        }
        held.ends = ends;
        true
    }

    /// [`Store::fill`](super::Store::fill).
    pub fn fill(&mut self, key: &EntryKey, fill: Fill, now: Duration) -> FillOutcome {
        self.expire(now);
        let epoch = self.epoch(key.partition);
        let written = self.is_written(key) || self.is_pending(&place(key));
        let floor = self.writes.get(&Name::Key(place(key))).and_then(|writes| writes.floor);
        let stamps: Vec<_> = key.groups.iter().map(|group| self.stamp(group)).collect();
        let lease = self.leases.get_mut(&place(key)).filter(|lease| lease.token == fill.token && !written);
        let Some(lease) = lease else { return FillOutcome::Refused };
        if lease.stored {
            return FillOutcome::Stored;
        }
        let moved = epoch != fill.epoch || lease.epoch != epoch;
        let dropped = stamps != fill.stamps || stamps.contains(&Stamp(0));
        let older = fill.version.is_some_and(|version| floor.is_some_and(|(floor, _)| version < floor));
        if moved || dropped || older {
            return FillOutcome::Refused;
        }
        lease.stored = true;
        self.put(place(key), &key.template, key.fingerprint.short(), fill.entry, fill.ttl, now);
        FillOutcome::Stored
    }

    /// [`Store::release`](super::Store::release).
    pub fn release(&mut self, key: &EntryKey, token: Token, now: Duration) {
        self.expire(now);
        if self.leases.get(&place(key)).is_some_and(|lease| lease.token == token && !lease.stored) {
            self.leases.remove(&place(key));
        }
    }

    /// [`Store::clear`](super::Store::clear).
    pub fn clear(&mut self, scope: &Clear, now: Duration) -> u64 {
        self.expire(now);
        let before = self.entries.len();
        match scope {
            Clear::Prefix { prefix, matches, template } => {
                let dropped = |text: &str| text.starts_with(prefix.as_ref()) && matches(template, text);
                self.leases.retain(|(_, text), _| !dropped(text));
                let pending = std::mem::take(&mut self.pending);
                self.entries.retain(|(place, _), _| pending.contains_key(place) || !dropped(&place.1));
                self.pending = pending;
            }
            Clear::Namespace => {
                Partition::all().for_each(|partition| *self.epochs.entry(partition).or_default() += 1);
                let pending = std::mem::take(&mut self.pending);
                self.entries.retain(|(place, _), _| pending.contains_key(place));
                self.pending = pending;
            }
        }
        (before - self.entries.len()) as u64
    }

    /// [`Store::scan`](super::Store::scan), a few entries at a time.
    pub fn scan(&mut self, prefix: &str, from: Option<&Cursor>, now: Duration) -> Scanned {
        self.expire(now);
        let last = from.and_then(|cursor| before(&cursor.0));
        let start = last.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = self.entries.range((start, Bound::Unbounded)).map(|(name, _)| name);
        let looked: Vec<_> = rest.by_ref().take(SCANNED).collect();
        let next = looked.last().filter(|_| rest.next().is_some()).map(|((partition, text), variant)| {
            let mut bytes = vec![u8::try_from(partition.index()).unwrap_or(u8::MAX)];
            bytes.extend_from_slice(&variant.to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
            Cursor(bytes.into())
        });
        let found = looked.into_iter().filter(|((_, text), _)| text.starts_with(prefix));
        let keys =
            found.map(|((_, text), variant)| ScannedKey { text: text.clone(), variant: *variant }).collect();
        Scanned { keys, next }
    }

    /// The epoch of a partition.
    pub fn epoch(&self, partition: Partition) -> u32 {
        self.epochs.get(&partition).copied().unwrap_or_default()
    }

    /// How many entries are stored and not expired.
    pub fn entries(&mut self, now: Duration) -> usize {
        self.expire(now);
        self.entries.len()
    }

    fn expire(&mut self, now: Duration) {
        if self.next_end.0.is_none_or(|next| next > now) {
            return;
        }
        self.entries.retain(|_, entry| entry.ends.is_none_or(|ends| ends > now));
        self.leases.retain(|_, lease| lease.ends > now);
        self.writes.values_mut().for_each(|writes| writes.expire(now));
        self.writes.retain(|_, writes| !writes.is_over());
        let entries = self.entries.values().filter_map(|entry| entry.ends);
        let leases = self.leases.values().map(|lease| lease.ends);
        let writes = self
            .writes
            .values()
            .flat_map(|writes| writes.open.values().copied().chain(writes.floor.map(|(_, ends)| ends)));
        self.next_end = NextEnd(entries.chain(leases).chain(writes).min());
    }

    fn ends_at(&mut self, end: Duration) -> Duration {
        self.next_end = NextEnd(Some(self.next_end.0.map_or(end, |next| next.min(end))));
        end
    }

    fn read_now(&self, key: &EntryKey) -> Read {
        Read {
            entry: self.entries.get(&(place(key), key.fingerprint.short())).map(|entry| entry.bytes.clone()),
            stamps: key.groups.iter().map(|group| self.stamp(group)).collect(),
        }
    }

    fn put(
        &mut self,
        place: Place,
        template: &str,
        variant: u16,
        bytes: Bytes,
        ttl: Option<Duration>,
        now: Duration,
    ) {
        self.variants.entry(template.to_owned()).or_default().insert(variant);
        let ends = ttl.map(|ttl| self.ends_at(now + ttl));
        self.entries.insert((place, variant), Entry { bytes, ends });
    }

    /// Drops a key in every variant, with its lease, or a group.
    fn drop(&mut self, target: &Target) {
        match target {
            Target::Key { text, partition, template, .. } => {
                let place = (*partition, text.clone());
                self.doubt(&place);
                let pending = self
                    .shown_variant(&place)
                    .and_then(|variant| Some((variant, self.entries.remove(&(place.clone(), variant))?)));
                self.drop_key(&place, template);
                if let Some((variant, entry)) = pending {
                    self.entries.insert((place, variant), entry);
                }
            }
            Target::Group(group) => {
                self.generations.remove(&home(group));
            }
        }
    }

    /// Drops a key in every variant, with its lease, whatever is pending for it.
    fn drop_key(&mut self, place: &Place, template: &str) {
        self.leases.remove(place);
        for variant in self.variants.get(template).into_iter().flatten() {
            self.entries.remove(&(place.clone(), *variant));
        }
    }

    /// A write was accepted. If others to its key are open, nothing tells the order of their commits; tells whether there are.
    fn overlap_with_pending(&mut self, place: &Place) -> bool {
        let writes = self.writes.get_mut(&Name::Key(place.clone()));
        let Some(writes) = writes.filter(|writes| !writes.open.is_empty()) else { return false };
        writes.overlap = Overlap::Unknown;
        true
    }

    fn stamp(&self, group: &Group) -> Stamp {
        self.generations.get(&home(group)).copied().unwrap_or_default()
    }

    fn stamp_or_new(&mut self, group: &Group) -> Stamp {
        let next = Stamp(self.last_stamp + 1);
        let stamp = *self.generations.entry(home(group)).or_insert(next);
        self.last_stamp = self.last_stamp.max(stamp.0);
        stamp
    }

    /// Whether a write to the key or one of its groups is open.
    fn is_written(&self, key: &EntryKey) -> bool {
        let groups = key.groups.iter().map(|group| Name::Group(home(group)));
        std::iter::once(Name::Key(place(key)))
            .chain(groups)
            .any(|name| self.writes.get(&name).is_some_and(|writes| !writes.open.is_empty()))
    }
}

/// Whether what was read is what its reader can't use.
fn rejected(read: &Read, seen: Option<&Seen>) -> bool {
    read.entry.as_deref().is_none_or(|entry| seen.is_some_and(|seen| seen.is(entry)))
}

/// The entry that a cursor stands behind.
fn before(cursor: &[u8]) -> Option<(Place, u16)> {
    let ([partition, low, high], text) = cursor.split_first_chunk()?;
    let partition = Partition::all().nth(usize::from(*partition))?;
    Some(((partition, std::str::from_utf8(text).ok()?.into()), u16::from_le_bytes([*low, *high])))
}

fn name(target: &Target) -> Name {
    match target {
        Target::Key { text, partition, .. } => Name::Key((*partition, text.clone())),
        Target::Group(group) => Name::Group(home(group)),
    }
}

fn place(key: &EntryKey) -> Place {
    (key.partition, key.text.clone())
}

fn home(group: &Group) -> Place {
    (group.partition, group.text.clone())
}
