//! What this process has to forget when a write of its own was flushed, by the names that only it knows.

use crate::{
    cache::Inner,
    edge::{Edge, EdgeName},
    flight::WriteEnd,
    key::KeyId,
    store::{EntryKey, Partition, QueuedWrite, Target},
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
    /// Remembers an accepted write.
    pub(super) fn accepted(&self, key: &EntryKey, id: KeyId, edges: &[Edge], version: u64) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Drops what a flush has made outdated from the memory of this process; with `own`, also the key itself.
    pub(super) fn drop_outdated(&self, inner: &Inner, partition: Partition, write: &QueuedWrite, own: bool) {
        let Some(local) = self.flushed(partition, write) else {
            return self.drop_foreign(inner, write, own);
        };
        // Loads that began before the database had it have read an older row.
        let remove = || {
            if own {
                inner.l1.remove(local.id);
            }
        };
        inner.flights.invalidate(local.id, None, remove);
        for edge in &local.edges {
            write::invalidate(inner, edge, WriteEnd::Committed);
        }
    }

    /// A write that another process, or an earlier run of this one, has accepted: its keys have no names here.
    fn drop_foreign(&self, inner: &Inner, write: &QueuedWrite, own: bool) {
        let mut keys = own;
        for target in &write.drops {
            match target {
                Target::Group(group) => {
                    let name = EdgeName::Group(group.clone());
                    let edge = Edge { name, template: String::new().into() };
                    write::invalidate(inner, &edge, WriteEnd::Committed);
                }
                Target::Key { text, .. } => keys |= *text != write.key,
            }
        }
        if keys {
            inner.flights.invalidate_all(|| inner.l1.clear());
        }
    }
}
