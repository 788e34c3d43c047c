//! What this process keeps: typed values of all functions under one memory budget.
//!
//! The engine is `quick_cache` (Clock-PRO, sharded, no background thread); see `docs/decisions/0003-l1-engine.md` for what was
//! measured. Keys are [`KeyId`]s, so nothing is hashed twice.

mod groups;
mod names;

pub(crate) use groups::{GroupStamp, Groups, all_current};
pub(crate) use names::{KEEP_WITHIN, Names};

use crate::{
    clock::Moment,
    key::{AlreadyHashed, KeyId},
    sync::Arc,
    value::AnyArc,
};
use quick_cache::{Weighter, sync::DefaultLifecycle};
use std::fmt;

/// What one entry holds; kept small, because a hit on a large cache is mostly waiting for memory.
#[derive(Clone)]
pub(crate) struct L1Entry {
    /// The value, or `None` for a row that does not exist.
    pub(crate) value: Option<AnyArc>,
    /// The hard expiry, and above it the weight.
    packed: u64,
    /// What few entries have.
    extra: Option<Arc<Extra>>,
}

/// Soft and spare expiry, rest, and groups.
#[derive(Clone)]
struct Extra {
    soft: Moment,
    spare: Moment,
    rest: Moment,
    groups: Option<Arc<[GroupStamp]>>,
}

/// 34 years of milliseconds.
const EXPIRY_BITS: u32 = 40;
/// The weight is kept in units of 16 bytes: up to 256 MiB.
const WEIGHT_SHIFT: u32 = 4;

impl fmt::Debug for L1Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("L1Entry")
            .field("absent", &self.value.is_none())
            .field("hard", &self.hard())
            .finish_non_exhaustive()
    }
}

impl L1Entry {
    /// An entry that expires at `hard` and takes about `weight` bytes.
    pub(crate) fn new(
        value: Option<AnyArc>,
        hard: Moment,
        weight: u32,
        groups: Option<Arc<[GroupStamp]>>,
    ) -> Self {
        let weight = u64::from(weight >> WEIGHT_SHIFT).min((1 << (u64::BITS - EXPIRY_BITS)) - 1);
        let entry = Self { value, packed: (weight << EXPIRY_BITS) | hard.to_bits(EXPIRY_BITS), extra: None };
        if groups.is_some() { entry.with(|extra| extra.groups = groups) } else { entry }
    }

    /// From `soft` on it should be reloaded in the background.
    pub(crate) fn reload_from(self, soft: Moment) -> Self {
        if soft == Moment::NEVER { self } else { self.with(|extra| extra.soft = soft) }
    }

    /// Until `spare` it may answer for a body that failed.
    pub(crate) fn spare_until(self, spare: Moment) -> Self {
        if spare <= self.hard() { self } else { self.with(|extra| extra.spare = spare) }
    }

    /// Until `rest` it answers for a body that failed a moment ago, without asking it again.
    pub(crate) fn rest_until(self, rest: Moment) -> Self {
        self.with(|extra| extra.rest = rest)
    }

    /// It is a hit until `hard` at the latest.
    pub(crate) fn until(mut self, hard: Moment) -> Self {
        self.packed = (self.packed >> EXPIRY_BITS << EXPIRY_BITS) | hard.to_bits(EXPIRY_BITS);
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Extra)) -> Self {
        let mut extra = self.extra.take().map_or_else(
            || Extra { soft: Moment::NEVER, spare: Moment::default(), rest: Moment::default(), groups: None },
            Arc::unwrap_or_clone,
        );
        change(&mut extra);
        self.extra = Some(Arc::new(extra));
        self
    }

    /// From here on it isn't a hit.
    #[inline]
    pub(crate) fn hard(&self) -> Moment {
        Moment::from_bits(self.packed & ((1 << EXPIRY_BITS) - 1), EXPIRY_BITS)
    }

    /// From here on it should be reloaded in the background; `NEVER` without refresh-ahead.
    #[inline]
    pub(crate) fn soft(&self) -> Moment {
        self.extra.as_ref().map_or(Moment::NEVER, |extra| extra.soft)
    }

    /// Until here it may answer for a body that failed.
    pub(crate) fn spare(&self) -> Moment {
        self.extra.as_ref().map_or(self.hard(), |extra| extra.spare.max(self.hard()))
    }

    /// Until here it answers for a body that failed a moment ago.
    pub(crate) fn rest(&self) -> Moment {
        self.extra.as_ref().map_or(Moment::default(), |extra| extra.rest)
    }

    /// Whether nothing has invalidated its groups since it was loaded.
    #[inline]
    pub(crate) fn groups_hold(&self) -> bool {
        match &self.extra {
            None => true,
            Some(extra) => extra.groups.as_ref().is_none_or(|groups| all_current(groups)),
        }
    }

    fn weight(&self) -> u64 {
        self.packed >> EXPIRY_BITS << WEIGHT_SHIFT
    }
}

/// Bytes that an entry costs besides its value: key, entry, the engine's own links.
const OVERHEAD: u64 = 96;

#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<KeyId, L1Entry> for Bytes {
    fn weight(&self, _: &KeyId, entry: &L1Entry) -> u64 {
        OVERHEAD + entry.weight()
    }
}

type Engine = quick_cache::sync::Cache<KeyId, L1Entry, Bytes, AlreadyHashed>;

/// The entries of this process.
pub(crate) struct L1(Engine);

impl fmt::Debug for L1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("L1").field("entries", &self.0.len()).field("bytes", &self.0.weight()).finish()
    }
}

impl L1 {
    /// A cache that keeps at most `budget` bytes.
    pub(crate) fn new(budget: u64) -> Self {
        // An estimate for the tables' first size; they grow.
        let entries = usize::try_from(budget / 1_024).unwrap_or(usize::MAX).clamp(64, 1 << 16);
        Self(Engine::with(entries, budget, Bytes, AlreadyHashed, DefaultLifecycle::default()))
    }

    #[inline]
    pub(crate) fn get(&self, id: KeyId) -> Option<L1Entry> {
        self.0.get(&id)
    }

    pub(crate) fn insert(&self, id: KeyId, entry: L1Entry) {
        self.0.insert(id, entry);
    }

    /// Whether it is there, without counting as a use.
    pub(crate) fn contains(&self, id: KeyId) -> bool {
        self.0.contains_key(&id)
    }

    pub(crate) fn remove(&self, id: KeyId) {
        self.0.remove(&id);
    }

    pub(crate) fn clear(&self) {
        self.0.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(crate) fn budget(&self) -> u64 {
        self.0.capacity()
    }
}
