//! How a whole group of entries is dropped from the process at once.
//!
//! A group is a counter. Every entry remembers where the counters of its groups stood when its load began, and holds only while
//! they still stand there; dropping the group moves the counter.

use crate::{
    clock::Moment,
    key::{AlreadyHashed, KeyId},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};
use std::{collections::HashMap, fmt, time::Duration};

/// Where a group's counter stood.
#[derive(Clone, Debug)]
pub(crate) struct GroupStamp {
    group: Arc<Group>,
    seen: u64,
}

#[derive(Debug, Default)]
struct Group {
    counter: AtomicU64,
    /// Until this moment a write that made the group outdated may still commit.
    held_until: Mutex<Moment>,
}

impl Group {
    /// A write that may commit earlier than another one doesn't end that one's hold.
    fn hold(&self, until: Moment) {
        let mut held_until = self.held_until.lock().unwrap_or_else(PoisonError::into_inner);
        *held_until = until.max(*held_until);
    }
}

impl GroupStamp {
    pub(crate) fn is_held(&self, now: Moment) -> bool {
        *self.group.held_until.lock().unwrap_or_else(PoisonError::into_inner) > now
    }
}

/// Whether all these counters still stand where they stood.
#[inline]
pub(crate) fn all_current(stamps: &[GroupStamp]) -> bool {
    stamps.iter().all(|stamp| stamp.group.counter.load(Ordering::Acquire) == stamp.seen)
}

const SHARDS: usize = 16;
/// A hold that ended this long before another begins is forgotten.
const HELD_FOR: Duration = crate::shared::HOLD;

type Shard = Mutex<HashMap<KeyId, Weak<Group>, AlreadyHashed>>;

/// The groups that entries of this process belong to.
pub(crate) struct Groups {
    shards: Box<[Shard]>,
    /// Keeps held groups known while nothing else does.
    held: Mutex<Vec<(Moment, Arc<Group>)>>,
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Groups")
    }
}

impl Groups {
    pub(crate) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), held: Mutex::default() }
    }

    /// The group's counter now, to be kept with an entry whose load begins now.
    pub(crate) fn stamp(&self, id: KeyId) -> GroupStamp {
        let group = self.group(id);
        let seen = group.counter.load(Ordering::Acquire);
        GroupStamp { group, seen }
    }

    /// Drops every entry of the group, and every load in flight for it. With `hold`, nothing of the group is stored before that moment.
    pub(crate) fn invalidate(&self, id: KeyId, hold: Option<Moment>) {
        match hold {
            None => {
                let known = self.shard(id).get(&id).and_then(Weak::upgrade);
                if let Some(group) = known {
                    group.counter.fetch_add(1, Ordering::AcqRel);
                }
            }
            Some(until) => {
                let group = self.group(id);
                group.hold(until);
                group.counter.fetch_add(1, Ordering::AcqRel);
                let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
                held.retain(|(earlier, _)| until.since(*earlier) < HELD_FOR);
                held.push((until, group));
            }
        }
    }

    fn group(&self, id: KeyId) -> Arc<Group> {
        let mut shard = self.shard(id);
        if let Some(group) = shard.get(&id).and_then(Weak::upgrade) {
            return group;
        }
        // Groups live as long as an entry, a load or a hold knows them; forget the rest when the table would grow.
        if shard.len() == shard.capacity() {
            shard.retain(|_, group| group.strong_count() > 0);
        }
        let group = Arc::new(Group::default());
        shard.insert(id, Arc::downgrade(&group));
        group
    }

    fn shard(&self, id: KeyId) -> MutexGuard<'_, HashMap<KeyId, Weak<Group>, AlreadyHashed>> {
        // Nothing in here can panic half-way through a change.
        self.shards[id.shard(SHARDS)].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_a_group_ends_its_entries_and_no_others() {
        let groups = Groups::new();
        let books = groups.stamp(KeyId::test(1));
        let toys = groups.stamp(KeyId::test(2));
        groups.invalidate(KeyId::test(1), None);
        assert!(!all_current(&[books]));
        assert!(all_current(&[toys]));
        assert!(all_current(&[groups.stamp(KeyId::test(1))]));
    }

    #[test]
    fn counters_nobody_holds_are_forgotten() {
        let groups = Groups::new();
        for id in 0..10_000 {
            groups.stamp(KeyId::test(id));
        }
        let kept: usize = groups.shards.iter().map(|s| s.lock().unwrap().len()).sum();
        assert!(kept < 2_000, "{kept}");
    }
}
