//! What this process has to forget when a write of its own was flushed, by the names that only it knows.

use crate::{
    cache::Inner,
    coherence::Near,
    edge::Edge,
    flight::WriteEnd,
    key::KeyId,
    store::{Change, EntryKey, Partition, QueuedWrite, Target},
    write,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The pending writes that were accepted here.
#[derive(Debug, Default)]
pub(super) struct Locals(Mutex<HashMap<(Partition, Arc<str>), Local>>);

#[derive(Clone, Debug)]
struct Local {
    id: KeyId,
    edges: Vec<Edge>,
    version: u64,
}

impl Locals {
    /// Remembers an accepted write, unless there are more than can be pending: then others have flushed some, and all are forgotten. What is flushed of these
    /// counts as another's.
    pub(super) fn accepted(&self, key: &EntryKey, id: KeyId, edges: &[Edge], version: u64, most: usize) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // In Redis each partition may hold its share, rounded up.
        let most = most.saturating_add(usize::from(Partition::COUNT));
        if all.len() >= most && !all.contains_key(&(key.partition, key.text.clone())) {
            all.clear();
        }
        let local = all.entry((key.partition, key.text.clone())).or_insert_with(|| Local {
            id,
            edges: Vec::new(),
            version,
        });
        local.version = local.version.max(version);
        for edge in edges {
            if !local.edges.iter().any(|known| known.target() == edge.target()) {
                local.edges.push(edge.clone());
            }
        }
    }

    fn flushed(&self, partition: Partition, write: &QueuedWrite) -> Option<Local> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (partition, write.key.clone());
        let local = all.get(&name)?.clone();
        if local.version <= write.version {
            all.remove(&name);
        }
        Some(local)
    }

    /// Drops what a flush has made outdated from the memory of this process; with `own`, also the keys themselves.
    pub(super) fn drop_outdated(&self, inner: &Inner, lines: &[(Partition, Vec<QueuedWrite>)], own: bool) {
        let mut unnamed = false;
        for (partition, writes) in lines {
            for write in writes {
                match self.flushed(*partition, write) {
                    Some(local) => local.drop_outdated(inner, own),
                    None => unnamed |= drop_foreign(inner, *partition, write, own),
                }
            }
        }
        if unnamed {
            inner.flights.invalidate_all(|| inner.l1.clear());
        }
    }
}

impl Local {
    fn drop_outdated(&self, inner: &Inner, own: bool) {
        // Loads that began before the database had it have read an older row.
        let remove = || {
            if own {
                inner.l1.remove(self.id);
            }
        };
        inner.flights.invalidate(self.id, None, remove);
        for edge in &self.edges {
            write::invalidate(inner, edge, WriteEnd::Committed);
        }
    }
}

/// A write that another process, or an earlier run of this one, has accepted; `true` if a key of it has no name here.
fn drop_foreign(inner: &Inner, partition: Partition, write: &QueuedWrite, own: bool) -> bool {
    let mut unnamed = false;
    let itself = own.then(|| write.target(partition));
    for target in itself.iter().chain(&write.drops) {
        match (target, &inner.near) {
            (Target::Group(group), _) => inner.groups.invalidate(KeyId::of_group(&group.text), None),
            (Target::Key { text, .. }, _) if *text == write.key && !own => {}
            (Target::Key { text, partition, .. }, Near::Following(coherence)) => {
                coherence.changed(Change::Key { text: text.clone(), partition: *partition });
            }
            (Target::Key { .. }, Near::Off | Near::Exact) => unnamed = true,
        }
    }
    unnamed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Cache, Queue,
        behind::Behind,
        store::{Fingerprint, NewWrite, Shows, Token},
    };

    fn key(n: usize) -> EntryKey {
        EntryKey {
            text: format!("local:{n}").into(),
            partition: Partition::FIRST,
            template: "local:<>".into(),
            fingerprint: Fingerprint(0),
            groups: Vec::new(),
        }
    }

    fn known(locals: &Locals) -> usize {
        locals.0.lock().expect("nobody panicked").len()
    }

    #[test]
    fn what_others_have_flushed_is_not_remembered_for_ever() {
        let locals = Locals::default();
        let id = KeyId::of_group("local");
        let most = 100;
        for n in 0..5_000 {
            locals.accepted(&key(n), id, &[], 1, most);
            assert!(known(&locals) <= most + usize::from(Partition::COUNT));
        }
        locals.accepted(&key(0), id, &[], 1, most);
        let before = known(&locals);
        locals.accepted(&key(0), id, &[], 2, most);
        assert_eq!(known(&locals), before, "the same key takes no more room");
    }

    #[test]
    fn process_that_only_accepts_remembers_nothing() {
        let remembered = |queue: Queue| {
            let cache = Cache::builder().write_behind(queue).build_memory();
            let behind: &Behind = &cache.0.behind;
            for n in 0..10 {
                let write = NewWrite {
                    token: Token::random(),
                    key: key(n),
                    function: "save".into(),
                    payload: bytes::Bytes::new(),
                    shows: Shows::Delta,
                    ttl: None,
                    coalesce: true,
                    drops: Vec::new(),
                    most: 0,
                };
                behind.remember(&cache.0, &write, KeyId::of_group("local"), &[], 1);
            }
            behind.state().map(|state| known(&state.locals))
        };
        assert_eq!(remembered(Queue::memory()), Some(10));
        assert_eq!(remembered(Queue::memory().flush_elsewhere()), Some(0));
    }
}
