//! What this process keeps: typed values of all functions under one memory budget.
//!
//! The engine is `quick_cache` (Clock-PRO, sharded, no background thread); see `docs/decisions/0003-l1-engine.md` for what was
//! measured. Keys are [`KeyId`]s, so nothing is hashed twice.

mod groups;

pub(crate) use groups::{GroupStamp, Groups, all_current};

use crate::{
    clock::Moment,
    key::{AlreadyHashed, KeyId},
    value::AnyArc,
};
use quick_cache::{Weighter, sync::DefaultLifecycle};
use std::{fmt, sync::Arc};

/// What one entry holds.
#[derive(Clone)]
pub(crate) struct L1Entry {
    /// The value, or `None` for a row that does not exist.
    pub(crate) value: Option<AnyArc>,
    /// From here on it isn't a hit.
    pub(crate) hard: Moment,
    /// From here on it should be reloaded in the background; `NEVER` without refresh-ahead.
    pub(crate) soft: Moment,
    /// Until here it may answer for a body that failed.
    pub(crate) spare: Moment,
    /// The groups it belongs to, as they were when it was loaded.
    pub(crate) groups: Option<Arc<[GroupStamp]>>,
    /// Estimated bytes of the value.
    pub(crate) weight: u32,
}

impl fmt::Debug for L1Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("L1Entry").field("absent", &self.value.is_none()).field("hard", &self.hard).finish_non_exhaustive()
    }
}

impl L1Entry {
    /// Whether nothing has invalidated its groups since it was loaded.
    #[inline]
    pub(crate) fn groups_hold(&self) -> bool {
        self.groups.as_ref().is_none_or(|groups| all_current(groups))
    }
}

/// Bytes that an entry costs besides its value: key, entry, the engine's own links.
const OVERHEAD: u64 = 144;

#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Weighter<KeyId, L1Entry> for Bytes {
    fn weight(&self, _: &KeyId, entry: &L1Entry) -> u64 {
        OVERHEAD + u64::from(entry.weight)
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
