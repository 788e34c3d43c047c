//! How batches end, and what is shown of their keys afterwards.

use super::{Again, Entry, Name, Place, Reference};
use crate::entry;
use crate::store::{Claim, Partition, Settled, Shows};
use std::time::Duration;

impl Reference {
    /// [`WriteQueue::settle`](crate::store::WriteQueue::settle).
    pub fn settle(&mut self, claim: &Claim, number: Option<u64>, settled: &[Settled], now: Duration) -> bool {
        self.expire(now);
        let Some(line) = self.lines.get_mut(&claim.partition).filter(|line| line.holds(claim)) else {
            return false;
        };
        if number.is_some() {
            if line.batch.as_ref().map(|batch| batch.number) != number {
                return true;
            }
            line.batch = None;
        }
        for settled in settled {
            self.settle_one(claim.partition, settled, now);
        }
        true
    }

    fn settle_one(&mut self, partition: Partition, settled: &Settled, now: Duration) {
        let (Settled::Done { id, version }
        | Settled::Failed { id, version }
        | Settled::Dead { id, version, .. }) = settled;
        let Some(line) = self.lines.get_mut(&partition) else { return };
        let Some(record) = line.waiting.get_mut(id) else { return };
        let place = (partition, record.write.key.clone());
        // What has taken the place of a write is whole if that was.
        let (same, whole) = (record.write.version == *version, record.again.whole);
        match settled {
            Settled::Done { .. } => {
                // What has taken its place goes to the end of the line, unless later writes of the key are there.
                let last = self.pending.get(&place).is_some_and(|pending| pending.ids.last() == Some(id));
                let mut moved = None;
                if same {
                    line.waiting.remove(id);
                } else if last && let Some(mut record) = line.waiting.remove(id) {
                    let next = line.next(now);
                    (record.write.id, record.since) = (next, now);
                    line.waiting.insert(next, record);
                    moved = Some(next);
                }
                if whole {
                    self.supersede(&place, *version);
                }
                self.flushed(&place, *id, same, moved, *version, now);
            }
            Settled::Failed { .. } if same => record.write.attempts += 1,
            Settled::Dead { error, halt, .. } if same => self.bury(&place, *id, error, *halt, now),
            Settled::Failed { .. } | Settled::Dead { .. } => {}
        }
    }

    /// A write of the key is in the database; with `moved`, the one that has taken its place has this id. What is shown stays if it is
    /// in the database: it isn't when it was given up.
    fn flushed(
        &mut self,
        place: &Place,
        id: u64,
        gone: bool,
        moved: Option<u64>,
        version: u64,
        now: Duration,
    ) {
        let Some(pending) = self.pending.get_mut(place) else { return };
        pending.flushed = pending.flushed.max(version);
        if gone || moved.is_some() {
            pending.ids.retain(|other| *other != id);
        }
        pending.ids.extend(moved);
        // What is shown may have been given up before: then the database doesn't have it.
        let latest = pending.flushed == pending.version;
        if pending.ids.is_empty() && !pending.halted {
            self.unshow(place, latest, now);
        }
    }

    /// Nothing is pending for the key any more. What was shown stays if the database has it.
    pub(super) fn unshow(&mut self, place: &Place, stays: bool, now: Duration) {
        let Some(pending) = self.pending.remove(place) else { return };
        let stays = stays && !pending.doubtful;
        let Again { variant, shows, ttl, .. } = pending.again;
        let name = Name::Key(place.clone());
        let written = self.writes.get(&name).is_some_and(|writes| !writes.open.is_empty());
        let ends = ttl.map(|ttl| now + ttl);
        let stays = stays && !written && ends.is_none_or(|ends| ends > now);
        let Some(entry) = self.entries.remove(&(place.clone(), variant)) else { return };
        if let (true, Shows::Value(_)) = (stays, shows) {
            if let Some(ends) = ends {
                self.ends_at(ends);
            }
            self.entries
                .insert((place.clone(), variant), Entry { bytes: entry::settled(&entry.bytes), ends });
        }
    }
}
