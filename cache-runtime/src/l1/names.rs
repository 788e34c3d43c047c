//! Which keys of this process a message from another one means.
//!
//! Other processes know a key by its text; this one by a [`KeyId`], which only it can make. So a key is noted here before the shared store is read
//! for it: a message that comes later finds it, and one that came earlier is older than what is read.

use crate::{
    clock,
    key::{AlreadyHashed, KeyId},
    store::Partition,
    sync::{Mutex, MutexGuard, PoisonError},
};
use siphasher::sip::SipHasher13;
use std::{collections::HashMap, fmt, hash::Hasher, time::Duration};

const SHARDS: usize = 64;
/// A key noted this long ago, and neither kept nor being loaded by now, is forgotten when there is no room.
const REMEMBERED: Duration = Duration::from_secs(10);
/// What was read for a key noted longer ago than this is not kept: its name may be forgotten by then.
pub(crate) const KEEP_WITHIN: Duration = Duration::from_secs(5);

/// The keys of this process by their texts.
pub(crate) struct Names {
    hasher: SipHasher13,
    shards: Box<[Mutex<Shard>]>,
}

type Shard = HashMap<u64, Name, AlreadyHashed>;

/// One text can be the key of several families.
struct Name {
    first: KeyId,
    others: Vec<KeyId>,
    /// In seconds.
    noted: u64,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("names", &self.len()).finish_non_exhaustive()
    }
}

impl Names {
    pub(crate) fn new() -> Self {
        Self {
            hasher: SipHasher13::new_with_keys(fastrand::u64(..), fastrand::u64(..)),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Notes a key that is about to be read or loaded. `in_use` tells of others whether they are kept, or being loaded.
    pub(crate) fn note(&self, partition: Partition, text: &str, id: KeyId, in_use: impl Fn(KeyId) -> bool) {
        self.note_at(clock::exact(), partition, text, id, in_use);
    }

    fn note_at(
        &self,
        now: Duration,
        partition: Partition,
        text: &str,
        id: KeyId,
        in_use: impl Fn(KeyId) -> bool,
    ) {
        let (hash, now) = (self.hash(partition, text), now.as_secs());
        let mut shard = self.shard(hash);
        if let Some(name) = shard.get_mut(&hash) {
            name.noted = now;
            if name.first != id && !name.others.contains(&id) {
                name.others.push(id);
            }
            return;
        }
        if shard.len() == shard.capacity() {
            shard.retain(|_, name| {
                let fresh = now.saturating_sub(name.noted) <= REMEMBERED.as_secs();
                fresh || name.ids().any(&in_use)
            });
            // Room for many more, so that this isn't done again for each.
            if shard.len() > shard.capacity() / 2 {
                let more = shard.len().max(4);
                shard.reserve(more);
            }
        }
        shard.insert(hash, Name { first: id, others: Vec::new(), noted: now });
    }

    /// What a text means in this process.
    pub(crate) fn ids(&self, partition: Partition, text: &str) -> Vec<KeyId> {
        let hash = self.hash(partition, text);
        self.shard(hash).get(&hash).map_or_else(Vec::new, |name| name.ids().collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// Two texts with one hash are no harm: a message for one drops both.
    fn hash(&self, partition: Partition, text: &str) -> u64 {
        let mut hasher = self.hasher;
        hasher.write_usize(partition.index());
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        // Nothing in here can panic half-way through a change.
        self.shards[(hash >> 32) as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Name {
    fn ids(&self) -> impl Iterator<Item = KeyId> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000);

    fn note(names: &Names, now: Duration, number: u64, in_use: bool) {
        let text = format!("product:{number}");
        names.note_at(now, Partition::of(&text), &text, KeyId::test(number), |_| in_use);
    }

    #[test]
    fn one_text_can_mean_several_keys() {
        let names = Names::new();
        let partition = Partition::of("product:1");
        for id in [1, 2, 1, 3, 2] {
            names.note(partition, "product:1", KeyId::test(id), |_| false);
        }
        assert_eq!(names.ids(partition, "product:1"), [1, 2, 3].map(KeyId::test));
        let elsewhere = Partition::all().find(|other| *other != partition).expect("there are 64");
        assert_eq!(names.ids(elsewhere, "product:1"), []);
        assert_eq!(names.ids(partition, "product:2"), []);
    }

    #[test]
    fn names_nobody_needs_are_forgotten() {
        let names = Names::new();
        for number in 0..100_000 {
            // A hundred in a second.
            note(&names, NOW + Duration::from_millis(10 * number), number, false);
        }
        // What is remembered, in tables that double, and with room left in each.
        let remembered = 100 * usize::try_from(REMEMBERED.as_secs()).expect("small");
        assert!(names.len() < 8 * remembered, "{}", names.len());
        let last = Partition::of("product:99999");
        assert_eq!(names.ids(last, "product:99999"), [KeyId::test(99_999)]);
    }

    #[test]
    fn names_in_use_are_kept_however_old() {
        let names = Names::new();
        for number in 0..10_000 {
            note(&names, NOW + 10 * u32::try_from(number).expect("small") * REMEMBERED, number, true);
        }
        assert_eq!(names.len(), 10_000);
    }
}
