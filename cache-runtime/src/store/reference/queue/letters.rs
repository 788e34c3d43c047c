//! Writes that were given up: what becomes of them, and of what is pending for their keys.

use super::{DeadRecord, Line, PendingKey, Place, Record, Reference, place};
use crate::store::{Dead, EntryKey, Partition, QueuedWrite, Replayed, Shows};
use std::time::Duration;

impl Line {
    /// Whether what is pending for its key is in the way of a dead letter.
    fn refuses(&self, dead: &DeadRecord, pending: &PendingKey) -> bool {
        let Record { write, again, .. } = &dead.record;
        let replaces = |record: &Record| record.again.whole && record.write.version > write.version;
        let replaced = || pending.ids.iter().filter_map(|id| self.waiting.get(id)).any(replaces);
        (again.shows == Shows::Delta) != pending.is_delta()
            || again.whole && !dead.halted && (pending.halted || replaced())
    }
}

impl Reference {
    pub(super) fn bury(&mut self, place: &Place, id: u64, error: &str, halted: bool, now: Duration) {
        let Some(line) = self.lines.get_mut(&place.0) else { return };
        let Some(record) = line.waiting.remove(&id) else { return };
        let dead = DeadRecord { record, error: error.to_owned(), died: now, halted, superseded: false };
        line.dead.insert(id, dead);
        let Some(pending) = self.pending.get_mut(place) else { return };
        pending.ids.retain(|other| *other != id);
        pending.halted |= halted;
        if pending.ids.is_empty() && !pending.halted {
            self.unshow(place, false, now);
        }
    }

    /// The database has a whole value of the key. The dead letters up to this version that are whole values, too, are older than that; events and deltas never are.
    pub(super) fn supersede(&mut self, place: &Place, version: u64) {
        let Some(line) = self.lines.get_mut(&place.0) else { return };
        for dead in line.dead.values_mut() {
            let Record { write, again, .. } = &dead.record;
            dead.superseded |=
                write.key == place.1 && write.version <= version && again.whole && !dead.halted;
        }
    }

    /// [`WriteQueue::overtake`](crate::store::WriteQueue::overtake).
    pub fn overtake(&mut self, key: &EntryKey, version: u64, now: Duration) -> Vec<QueuedWrite> {
        self.expire(now);
        let place = place(key);
        let ids = self.pending.get(&place).map(|pending| pending.ids.clone()).unwrap_or_default();
        let mut overtaken = Vec::new();
        for id in ids {
            let line = self.lines.get(&place.0);
            let write = line.and_then(|line| line.waiting.get(&id)).map(|record| record.write.clone());
            if let Some(write) = write.filter(|write| write.version <= version) {
                self.bury(&place, id, "a direct write to the key overtook it", false, now);
                overtaken.push(write);
            }
        }
        self.supersede(&place, u64::MAX);
        overtaken
    }

    /// [`WriteQueue::dead`](crate::store::WriteQueue::dead).
    pub fn dead(&self) -> Vec<Dead> {
        let lines = self.lines.iter();
        let dead = lines.flat_map(|(partition, line)| line.dead.values().map(|dead| (*partition, dead)));
        dead.map(|(partition, dead)| Dead {
            partition,
            write: dead.record.write.clone(),
            error: dead.error.clone(),
            times: (dead.record.since, dead.died),
            halted: dead.halted,
            superseded: dead.superseded,
        })
        .collect()
    }

    /// [`WriteQueue::replay`](crate::store::WriteQueue::replay).
    pub fn replay(&mut self, partition: Partition, id: u64, now: Duration) -> Replayed {
        self.expire(now);
        let Some(line) = self.lines.get_mut(&partition) else { return Replayed::Gone };
        let Some(dead) = line.dead.get(&id) else { return Replayed::Gone };
        let place = (partition, dead.record.write.key.clone());
        if dead.superseded || self.pending.get(&place).is_some_and(|pending| line.refuses(dead, pending)) {
            return Replayed::Superseded;
        }
        let Some(DeadRecord { mut record, halted, .. }) = line.dead.remove(&id) else {
            return Replayed::Gone;
        };
        record.write.attempts = 0;
        if halted {
            line.waiting.insert(id, record);
            let halted = line.is_halted(&place.1);
            if let Some(pending) = self.pending.get_mut(&place) {
                // Its place is before whatever came later.
                pending.ids.push(id);
                pending.ids.sort_unstable();
                pending.halted = halted;
            }
            return Replayed::Queued;
        }
        let version = line.next(now);
        (record.write.id, record.write.version, record.since) = (version, version, now);
        let again = record.again.clone();
        line.waiting.insert(version, record);
        self.show(&place, version, version, again);
        Replayed::Queued
    }

    /// [`WriteQueue::discard`](crate::store::WriteQueue::discard).
    pub fn discard(&mut self, partition: Partition, id: u64, now: Duration) -> bool {
        self.expire(now);
        let Some(line) = self.lines.get_mut(&partition) else { return false };
        let Some(dead) = line.dead.remove(&id) else { return false };
        let place = (partition, dead.record.write.key);
        let halted = line.is_halted(&place.1);
        if dead.halted
            && let Some(pending) = self.pending.get_mut(&place)
        {
            pending.halted = halted;
            if pending.ids.is_empty() && !halted {
                self.unshow(&place, false, now);
            }
        }
        true
    }
}
