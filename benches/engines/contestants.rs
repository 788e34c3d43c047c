//! The engines, each behind the same five verbs.

use std::{any::Any, hash::BuildHasher, sync::Arc};

/// The keyed 128-bit hash of a key, as the cache uses it.
pub(crate) type Key = u128;

/// What the cache keeps beside a key: 64 bytes.
#[derive(Clone)]
#[allow(dead_code)] // cloned and dropped, as the cache does
pub(crate) struct Entry {
    pub(crate) value: Option<Arc<dyn Any + Send + Sync>>,
    pub(crate) hard: u64,
    pub(crate) soft: u64,
    pub(crate) spare: u64,
    pub(crate) groups: Option<Arc<[u64]>>,
    pub(crate) weight: u32,
}

impl Entry {
    pub(crate) fn new(value: Arc<dyn Any + Send + Sync>, weight: u32) -> Self {
        Self { value: Some(value), hard: u64::MAX, soft: u64::MAX, spare: 0, groups: None, weight }
    }
}

/// A cache with a budget of weights.
pub(crate) trait Engine: Send + Sync {
    fn get(&self, key: Key) -> Option<Entry>;
    fn insert(&self, key: Key, entry: Entry);
    /// Finishes what was put off.
    fn settle(&self) {}
    /// What the entries weigh together, by the engine's own count.
    fn weight(&self) -> Option<u64>;
}

/// Makes an engine for about so many entries within a budget.
pub(crate) type Make = fn(entries: usize, budget: u64) -> Box<dyn Engine>;

/// Every engine, and whether it evicts.
pub(crate) const ALL: &[(&str, Make, bool)] = &[
    ("quick_cache 0.7 (Clock-PRO)", |entries, budget| Box::new(quick(entries, budget)), true),
    ("moka 0.12 sync (W-TinyLFU)", |entries, budget| Box::new(moka(entries, budget)), true),
    ("mini-moka 0.10 sync (W-TinyLFU)", |entries, budget| Box::new(mini(entries, budget)), true),
    (
        "foyer 0.22 (S3-FIFO)",
        |_, budget| Box::new(foyer(budget, foyer::S3FifoConfig::default().into())),
        true,
    ),
    ("foyer 0.22 (w-TinyLFU)", |_, budget| Box::new(foyer(budget, foyer::LfuConfig::default().into())), true),
    ("foyer 0.22 (LRU)", |_, budget| Box::new(foyer(budget, foyer::LruConfig::default().into())), true),
    (
        "floor: dashmap 6, never evicts",
        |entries, _| Box::new(Dash::with_capacity_and_hasher(entries, Low)),
        false,
    ),
    (
        "floor: papaya 0.2, never evicts",
        |entries, _| Box::new(Papaya::with_capacity_and_hasher(entries, Low)),
        false,
    ),
];

#[derive(Clone, Copy)]
struct Bytes;

type Quick = quick_cache::sync::Cache<Key, Entry, Bytes, Low>;
type Moka = ::moka::sync::Cache<Key, Entry, Low>;
type Mini = mini_moka::sync::Cache<Key, Entry, Low>;
type Foyer = ::foyer::Cache<Key, Entry, Low>;
type Dash = dashmap::DashMap<Key, Entry, Low>;
type Papaya = papaya::HashMap<Key, Entry, Low>;

impl quick_cache::Weighter<Key, Entry> for Bytes {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        u64::from(entry.weight)
    }
}

fn quick(entries: usize, budget: u64) -> Quick {
    Quick::with(entries, budget, Bytes, Low, quick_cache::sync::DefaultLifecycle::default())
}

fn moka(entries: usize, budget: u64) -> Moka {
    ::moka::sync::Cache::builder()
        .initial_capacity(entries)
        .max_capacity(budget)
        .weigher(|_, entry: &Entry| entry.weight)
        .build_with_hasher(Low)
}

fn mini(entries: usize, budget: u64) -> Mini {
    mini_moka::sync::Cache::builder()
        .initial_capacity(entries)
        .max_capacity(budget)
        .weigher(|_, entry: &Entry| entry.weight)
        .build_with_hasher(Low)
}

fn foyer(budget: u64, policy: ::foyer::EvictionConfig) -> Foyer {
    let budget = usize::try_from(budget).unwrap_or(usize::MAX);
    ::foyer::CacheBuilder::new(budget)
        .with_eviction_config(policy)
        .with_hash_builder(Low)
        .with_weighter(|_, entry: &Entry| entry.weight as usize)
        .build()
}

impl Engine for Quick {
    fn get(&self, key: Key) -> Option<Entry> {
        self.get(&key)
    }
    fn insert(&self, key: Key, entry: Entry) {
        self.insert(key, entry);
    }
    fn weight(&self) -> Option<u64> {
        Some(self.weight())
    }
}

impl Engine for Moka {
    fn get(&self, key: Key) -> Option<Entry> {
        self.get(&key)
    }
    fn insert(&self, key: Key, entry: Entry) {
        self.insert(key, entry);
    }
    fn settle(&self) {
        self.run_pending_tasks();
    }
    fn weight(&self) -> Option<u64> {
        Some(self.weighted_size())
    }
}

impl Engine for Mini {
    fn get(&self, key: Key) -> Option<Entry> {
        self.get(&key)
    }
    fn insert(&self, key: Key, entry: Entry) {
        self.insert(key, entry);
    }
    fn settle(&self) {
        mini_moka::sync::ConcurrentCacheExt::sync(self);
    }
    fn weight(&self) -> Option<u64> {
        Some(self.weighted_size())
    }
}

impl Engine for Foyer {
    fn get(&self, key: Key) -> Option<Entry> {
        self.get(&key).map(|entry| entry.value().clone())
    }
    fn insert(&self, key: Key, entry: Entry) {
        self.insert(key, entry);
    }
    fn weight(&self) -> Option<u64> {
        Some(self.usage() as u64)
    }
}

impl Engine for Dash {
    fn get(&self, key: Key) -> Option<Entry> {
        self.get(&key).map(|entry| entry.clone())
    }
    fn insert(&self, key: Key, entry: Entry) {
        self.insert(key, entry);
    }
    fn weight(&self) -> Option<u64> {
        None
    }
}

impl Engine for Papaya {
    fn get(&self, key: Key) -> Option<Entry> {
        self.pin().get(&key).cloned()
    }
    fn insert(&self, key: Key, entry: Entry) {
        self.pin().insert(key, entry);
    }
    fn weight(&self) -> Option<u64> {
        None
    }
}

/// Takes half of a key, which is a hash already.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Low;

pub(crate) struct LowHalf(u64);

impl BuildHasher for Low {
    type Hasher = LowHalf;
    fn build_hasher(&self) -> LowHalf {
        LowHalf(0)
    }
}

impl std::hash::Hasher for LowHalf {
    #[inline]
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
    fn write(&mut self, _: &[u8]) {}
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// The key of a number.
#[inline]
pub(crate) fn key(number: u32) -> Key {
    let mixed = (u128::from(number) + 1) * 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;
    mixed ^ (mixed >> 67)
}
