//! What a test can take away from a store, as time, eviction and restarts would.

use super::{Name, Reference, place};
use crate::store::{EntryKey, Partition, Token};
use std::time::Duration;

impl Reference {
    /// The store evicts an entry, as one without room would: what is pending has no ttl, so it stays. Tells whether it was there.
    pub fn lose_entry(&mut self, key: &EntryKey) -> bool {
        if self.is_pending(&place(key)) {
            return false;
        }
        self.entries.remove(&(place(key), key.fingerprint.short())).is_some()
    }

    /// The lease on a key ends before its time. Tells whether there was one.
    pub fn lose_lease(&mut self, key: &EntryKey) -> bool {
        self.leases.remove(&place(key)).is_some()
    }

    /// A write to a key that is announced, or may still commit, ends before its time. Tells whether it was open.
    pub fn lose_write(&mut self, key: &EntryKey, token: Token) -> bool {
        let name = Name::Key(place(key));
        let Some(writes) = self.writes.get_mut(&name) else { return false };
        // As if its end were now: the others stay.
        let Some(ends) = writes.open.get_mut(&token) else { return false };
        *ends = Duration::ZERO;
        writes.expire(Duration::ZERO);
        if writes.is_over() {
            self.writes.remove(&name);
        }
        true
    }

    /// The time of the oldest version that may be stored is over: it is forgotten as soon as no write is open. Tells whether there was one.
    pub fn lose_floor(&mut self, key: &EntryKey) -> bool {
        let name = Name::Key(place(key));
        let Some(writes) = self.writes.get_mut(&name) else { return false };
        let Some((_, ends)) = &mut writes.floor else { return false };
        *ends = Duration::ZERO;
        writes.expire(Duration::ZERO);
        if writes.is_over() {
            self.writes.remove(&name);
        } else {
            self.ends_at(Duration::ZERO);
        }
        true
    }

    /// Everything is lost, as with `FLUSHALL`: epochs go on, since they are seconds at least.
    pub fn lose_everything(&mut self) {
        let epochs = std::mem::take(&mut self.epochs);
        *self = Self { last_stamp: self.last_stamp, ..Self::default() };
        self.epochs =
            Partition::all().map(|p| (p, epochs.get(&p).copied().unwrap_or_default() + 1)).collect();
    }
}
