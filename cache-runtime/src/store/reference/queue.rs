//! What a write-behind queue does, as part of the state.

mod known;
mod letters;
mod settling;
#[cfg(test)]
mod tests;

pub use known::KnownLine;

use super::{Entry, Name, Place, Reference, place};
use crate::store::{
    Batch, Claim, Depth, EntryKey, Fingerprint, NewWrite, Partition, Pending, Put, QueuedWrite, Shown, Shows,
    Taken, Target, Token, Waiting,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How long the token of an accepted write is remembered.
const REMEMBERED: Duration = Duration::from_mins(2);

/// The line of one partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Line {
    /// The last id, version or number of a batch.
    last: u64,
    waiting: BTreeMap<u64, Record>,
    holder: Option<Holder>,
    epoch: u64,
    batch: Option<Batch>,
    dead: BTreeMap<u64, DeadRecord>,
    tokens: BTreeMap<Token, Put>,
    /// When each of them is forgotten.
    ends: BTreeSet<(Duration, Token)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Holder {
    token: Token,
    ends: Duration,
}

/// A write that waits, and what is needed to show it again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Record {
    write: QueuedWrite,
    since: Duration,
    again: Again,
}

/// How a key shows its latest write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Again {
    /// It replaces what was written to the key before it, and may be replaced.
    whole: bool,
    template: Arc<str>,
    variant: u16,
    shows: Shows,
    ttl: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DeadRecord {
    record: Record,
    error: String,
    died: Duration,
    halted: bool,
    superseded: bool,
}

/// A key with pending writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PendingKey {
    version: u64,
    flushed: u64,
    /// Its writes, oldest first.
    ids: Vec<u64>,
    halted: bool,
    /// The key was dropped while something was pending, as after a direct write: nothing tells which of them the database has taken last.
    doubtful: bool,
    again: Again,
}

impl PendingKey {
    fn is_delta(&self) -> bool {
        self.again.shows == Shows::Delta
    }
}

impl Line {
    /// The next id, version or number: microseconds, unless that many were given already.
    fn next(&mut self, now: Duration) -> u64 {
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        self.last = micros.max(self.last + 1);
        self.last
    }

    fn is_moving(&self, key: &PendingKey) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.writes.iter().any(|(id, _)| key.ids.contains(id)))
    }

    /// Whether a dead letter halts the key.
    fn is_halted(&self, key: &str) -> bool {
        self.dead.values().any(|dead| dead.halted && *dead.record.write.key == *key)
    }

    /// Forgets the tokens whose time is over.
    fn forget(&mut self, now: Duration) {
        while let Some((_, token)) = self.ends.first().copied().filter(|(ends, _)| *ends <= now) {
            self.ends.pop_first();
            self.tokens.remove(&token);
        }
    }

    /// What an earlier holder has left.
    fn unfinished(&self) -> Option<Batch> {
        self.batch.clone().filter(|batch| batch.epoch != self.epoch)
    }

    fn holds(&self, claim: &Claim) -> bool {
        self.epoch == claim.epoch && self.holder.is_some()
    }
}

impl Reference {
    /// [`WriteQueue::enqueue`](crate::store::WriteQueue::enqueue).
    pub fn enqueue(&mut self, write: &NewWrite, now: Duration) -> Put {
        self.expire(now);
        let place = place(&write.key);
        let line = self.lines.entry(place.0).or_default();
        line.forget(now);
        if let Some(put) = line.tokens.get(&write.token) {
            return *put;
        }
        let pending = self.pending.get(&place);
        let delta = write.shows == Shows::Delta;
        if let Some(pending) = pending {
            if pending.halted {
                return Put::Halted;
            }
            if pending.is_delta() != delta {
                return Put::Mixed;
            }
        }
        let latest = pending.and_then(|pending| pending.ids.last().copied()).filter(|id| {
            let same = |record: &Record| record.again.whole && record.write.function == write.function;
            write.is_whole() && line.waiting.get(id).is_some_and(same)
        });
        if latest.is_none() && line.waiting.len() as u64 >= write.most {
            return Put::Full;
        }
        let version = line.next(now);
        let again = Again {
            whole: write.is_whole(),
            template: write.key.template.as_ref().into(),
            variant: write.key.fingerprint.short(),
            shows: write.shows.clone(),
            ttl: write.ttl,
        };
        let id = latest.unwrap_or(version);
        let earlier = line.waiting.remove(&id);
        let since = earlier.as_ref().map_or(now, |earlier| earlier.since);
        let mut drops = earlier.map(|earlier| earlier.write.drops).unwrap_or_default();
        add(&mut drops, &write.drops);
        let queued = QueuedWrite {
            id,
            version,
            function: write.function.clone(),
            key: write.key.text.clone(),
            payload: write.payload.clone(),
            drops,
            attempts: 0,
        };
        line.waiting.insert(id, Record { write: queued, since, again: again.clone() });
        let put = if latest.is_some() { Put::Coalesced(version) } else { Put::Queued(version) };
        line.tokens.insert(write.token, put);
        line.ends.insert((now + REMEMBERED, write.token));
        self.show(&place, id, version, again);
        put
    }

    /// Lets readers get the latest write of a key.
    fn show(&mut self, place: &Place, id: u64, version: u64, again: Again) {
        let written = self.overlap_with_pending(place);
        self.drop_key(place, &again.template);
        let pending = self.pending.entry(place.clone()).or_insert_with(|| PendingKey {
            version,
            flushed: 0,
            ids: Vec::new(),
            halted: false,
            doubtful: false,
            again: again.clone(),
        });
        if !pending.ids.contains(&id) {
            pending.ids.push(id);
        }
        // A direct write that is open may commit before it or after it.
        (pending.version, pending.again, pending.doubtful) = (version, again.clone(), written);
        if let Shows::Value(entry) = again.shows {
            self.put(place.clone(), &again.template, again.variant, entry, None, Duration::ZERO);
        }
    }

    /// [`WriteQueue::look`](crate::store::WriteQueue::look).
    pub fn look(&self, key: &EntryKey) -> Option<Pending> {
        let place = place(key);
        let pending = self.pending.get(&place)?;
        let line = self.lines.get(&place.0)?;
        let shows = match &pending.again.shows {
            Shows::Value(_) if pending.again.variant != key.fingerprint.short() => {
                Shown::Other(Fingerprint(u64::from(pending.again.variant)))
            }
            Shows::Value(entry) => Shown::Value(entry.clone()),
            Shows::Absent => Shown::Absent,
            Shows::Delta => {
                let writes = pending.ids.iter().filter_map(|id| line.waiting.get(id));
                Shown::Deltas(writes.map(|record| record.write.payload.clone()).collect())
            }
        };
        Some(Pending {
            version: pending.version,
            flushed: pending.flushed,
            oldest: pending.ids.first().copied().filter(|_| pending.is_delta()).unwrap_or_default(),
            moving: line.is_moving(pending),
            shows,
            halted: pending.halted,
        })
    }

    /// [`WriteQueue::claim`](crate::store::WriteQueue::claim).
    pub fn claim(
        &mut self,
        holder: Token,
        lease: Duration,
        except: &[Partition],
        now: Duration,
    ) -> Vec<Claim> {
        let claims = self.lines.iter_mut().filter_map(|(partition, line)| {
            claim(*partition, line, holder, lease, except.contains(partition), now)
        });
        claims.collect()
    }

    /// [`WriteQueue::yield_claims`](crate::store::WriteQueue::yield_claims).
    pub fn yield_claims(&mut self, holder: Token) {
        for line in self.lines.values_mut() {
            if line.holder.as_ref().is_some_and(|held| held.token == holder) {
                line.holder = None;
            }
        }
    }

    /// [`WriteQueue::peek`](crate::store::WriteQueue::peek).
    pub fn peek(&self, partition: Partition, after: u64, most: usize) -> Vec<Waiting> {
        let Some(line) = self.lines.get(&partition) else { return Vec::new() };
        let halted = |key: &Arc<str>| {
            self.pending.get(&(partition, key.clone())).is_some_and(|pending| pending.halted)
        };
        let later = line.waiting.range(after.saturating_add(1)..);
        let free = later.filter(|(_, record)| !halted(&record.write.key));
        let waiting = free.map(|(id, Record { write, .. })| Waiting {
            id: *id,
            function: write.function.clone(),
            key: write.key.clone(),
            bytes: u32::try_from(write.payload.len()).unwrap_or(u32::MAX),
        });
        waiting.take(most).collect()
    }

    /// [`WriteQueue::fetch`](crate::store::WriteQueue::fetch).
    pub fn fetch(&self, partition: Partition, ids: &[u64]) -> Vec<QueuedWrite> {
        let Some(line) = self.lines.get(&partition) else { return Vec::new() };
        ids.iter().filter_map(|id| Some(line.waiting.get(id)?.write.clone())).collect()
    }

    /// [`WriteQueue::take`](crate::store::WriteQueue::take).
    pub fn take(&mut self, claim: &Claim, ids: &[u64], now: Duration) -> Option<Taken> {
        let line = self.lines.get_mut(&claim.partition).filter(|line| line.holds(claim))?;
        if line.unfinished().is_some() {
            return None;
        }
        let writes: Vec<_> =
            ids.iter().filter_map(|id| line.waiting.get(id)).map(|record| record.write.clone()).collect();
        let number = line.next(now);
        let function = writes.first().map_or_else(|| "".into(), |write| write.function.clone());
        let versions = writes.iter().map(|write| (write.id, write.version)).collect();
        line.batch = Some(Batch { number, epoch: line.epoch, function, writes: versions });
        Some(Taken { number, writes })
    }

    /// [`WriteQueue::depths`](crate::store::WriteQueue::depths).
    pub fn depths(&self) -> Vec<Depth> {
        let depths = self.lines.iter().map(|(partition, line)| Depth {
            partition: *partition,
            writes: line.waiting.len() as u64,
            oldest: line.waiting.keys().next().copied(),
            newest: line.last,
            dead: line.dead.len() as u64,
        });
        depths.collect()
    }

    /// The key is dropped: what is pending is shown on, and doesn't stay when it is flushed.
    pub(super) fn doubt(&mut self, place: &Place) {
        if let Some(pending) = self.pending.get_mut(place) {
            pending.doubtful = true;
        }
    }

    /// Whether writes are pending for the key, and readers of it in this variant get what they show; then nothing is loaded or stored for it.
    pub(super) fn is_pending(&self, place: &Place) -> bool {
        self.pending.contains_key(place)
    }

    /// The variant that shows what is pending for a key.
    pub(super) fn shown_variant(&self, place: &Place) -> Option<u16> {
        let again = &self.pending.get(place)?.again;
        matches!(again.shows, Shows::Value(_)).then_some(again.variant)
    }

    /// Whether the pending write of a key says that the row is gone.
    pub(super) fn shows_absent(&self, place: &Place) -> bool {
        self.pending.get(place).is_some_and(|pending| pending.again.shows == Shows::Absent)
    }
}

fn claim(
    partition: Partition,
    line: &mut Line,
    holder: Token,
    lease: Duration,
    excepted: bool,
    now: Duration,
) -> Option<Claim> {
    let mine = line.holder.as_ref().is_some_and(|held| held.token == holder && held.ends > now);
    let other = line.holder.as_ref().is_some_and(|held| held.token != holder && held.ends > now);
    let work = !line.waiting.is_empty() || line.batch.is_some();
    if other {
        return None;
    }
    if !work || excepted {
        if mine {
            line.holder = None;
        }
        return None;
    }
    line.holder = Some(Holder { token: holder, ends: now + lease });
    if !mine {
        line.epoch = now.as_secs().max(line.epoch + 1);
    }
    Some(Claim { partition, epoch: line.epoch, unfinished: line.unfinished() })
}

/// Adds what isn't there yet.
fn add(drops: &mut Vec<Target>, more: &[Target]) {
    for target in more {
        if !drops.contains(target) {
            drops.push(target.clone());
        }
    }
}
