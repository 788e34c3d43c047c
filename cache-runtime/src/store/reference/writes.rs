//! What a store knows of the writes to a key or group: announced, extended, ended.

use super::{NOBODY, Overlap, Reference, name};
use crate::store::{Ended, Kept, Target, Token, Written};
use std::time::Duration;

impl Reference {
    /// [`Store::invalidate`](crate::store::Store::invalidate).
    pub fn invalidate(&mut self, targets: &[Target], hold: Option<Duration>, now: Duration) {
        self.announce(targets, hold.map(|hold| (NOBODY, hold)), now);
    }

    /// [`Store::begin`](crate::store::Store::begin).
    pub fn begin(&mut self, targets: &[Target], token: Token, intent: Duration, now: Duration) {
        self.announce(targets, Some((token, intent)), now);
    }

    fn announce(&mut self, targets: &[Target], intent: Option<(Token, Duration)>, now: Duration) {
        self.expire(now);
        for target in targets {
            self.drop(target);
            let version = target.version();
            let mut writes = self.writes.remove(&name(target)).unwrap_or_default();
            let token = intent.map_or(NOBODY, |(token, _)| token);
            let (others, mine) = (writes.others(token), writes.open.contains_key(&token));
            if let Some(ends) = writes.raise(version, now) {
                self.ends_at(ends);
            }
            if let Some((token, length)) = intent {
                let ends = self.ends_at(now + length);
                let mine = writes.open.entry(token).or_default();
                *mine = ends.max(*mine);
            }
            // Whoever announces a write will tell its version when it ends; a hold and a plain invalidation won't.
            let tells = version.is_some() || intent.is_some_and(|(token, _)| token != NOBODY);
            if others > 0 {
                writes.overlap =
                    writes.overlap.max(if tells { Overlap::Versioned } else { Overlap::Unknown });
            } else if !mine {
                writes.overlap = Overlap::None;
            }
            if !writes.is_over() {
                self.writes.insert(name(target), writes);
            }
        }
    }

    /// [`Store::extend`](crate::store::Store::extend) for the targets of one partition.
    pub fn extend(&mut self, targets: &[Target], token: Token, intent: Duration, now: Duration) -> bool {
        self.expire(now);
        let open =
            |target| self.writes.get(&name(target)).is_some_and(|writes| writes.open.contains_key(&token));
        if !targets.iter().all(open) {
            return false;
        }
        let ends = self.ends_at(now + intent);
        for target in targets {
            if let Some(mine) =
                self.writes.get_mut(&name(target)).and_then(|writes| writes.open.get_mut(&token))
            {
                *mine = ends.max(*mine);
            }
        }
        true
    }

    /// [`Store::end`](crate::store::Store::end).
    pub fn end(&mut self, written: &[Written], token: Token, now: Duration) -> Vec<Ended> {
        self.expire(now);
        written.iter().map(|written| self.end_one(written, token, now)).collect()
    }

    fn end_one(&mut self, written: &Written, token: Token, now: Duration) -> Ended {
        let Written { target, kept } = written;
        self.drop(target);
        let version = target.version();
        let mut writes = self.writes.remove(&name(target)).unwrap_or_default();
        if let Some(ends) = writes.raise(version, now) {
            self.ends_at(ends);
        }
        let intact = writes.open.remove(&token).is_some();
        let (alone, overlap) = (writes.open.is_empty(), writes.overlap);
        writes.overlap = match (alone, version) {
            (true, _) => Overlap::None,
            (false, Some(_)) => overlap.max(Overlap::Versioned),
            (false, None) => Overlap::Unknown,
        };
        let in_order = match version {
            Some(version) => {
                overlap < Overlap::Unknown && writes.floor.is_some_and(|(floor, _)| floor == version)
            }
            None => overlap == Overlap::None,
        };
        if !writes.is_over() {
            self.writes.insert(name(target), writes);
        }
        let (Some(kept), Target::Key { text, partition, template, .. }) = (kept, target) else {
            return Ended { intact, stored: false };
        };
        let Kept { fingerprint, entry, ttl, epoch } = kept.clone();
        let free = !self.is_pending(&(*partition, text.clone()));
        let stored = free && intact && alone && in_order && epoch == self.epoch(*partition);
        if stored {
            self.put((*partition, text.clone()), template, fingerprint.short(), entry, ttl, now);
        }
        Ended { intact, stored }
    }
}
