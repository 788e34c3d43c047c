//! What a state holds, for those who compare it with another store's, or explore it.

use super::{Name, Reference, Version, Writes, home, place};
use crate::store::{EntryKey, Group, Stamp, Token};
use bytes::Bytes;

/// What is known about the order of the commits of writes that were open at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Overlap {
    /// There was one write at a time.
    #[default]
    None,
    /// Their versions will tell.
    Versioned,
    /// Nothing will.
    Unknown,
}

/// What is held under a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Known {
    /// The entry, in the key's variant.
    pub entry: Option<Bytes>,
    /// Whose load it is, and whether its entry was stored.
    pub lease: Option<(Token, bool)>,
    /// The writes to it.
    pub writes: KnownWrites,
}

/// What is held about the writes to a key or group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownWrites {
    /// Those that are announced, in the order of their tokens; zero is for those that nobody will end.
    pub open: Vec<Token>,
    /// Whether they overlapped.
    pub overlap: Overlap,
    /// The oldest version that may be stored.
    pub floor: Option<Version>,
}

impl Reference {
    /// What is held under a key. Nothing expires by looking.
    pub fn known(&self, key: &EntryKey) -> Known {
        Known {
            entry: self.read_now(key).entry,
            lease: self.leases.get(&place(key)).map(|lease| (lease.token, lease.stored)),
            writes: self.known_writes(&Name::Key(place(key))),
        }
    }

    /// The generation of a group, zero if it has none, and what is held about the writes to it.
    pub fn known_group(&self, group: &Group) -> (Stamp, KnownWrites) {
        (self.stamp(group), self.known_writes(&Name::Group(home(group))))
    }

    fn known_writes(&self, name: &Name) -> KnownWrites {
        self.writes.get(name).map(Writes::known).unwrap_or_default()
    }
}

impl Writes {
    fn known(&self) -> KnownWrites {
        KnownWrites {
            open: self.open.keys().copied().collect(),
            overlap: self.overlap,
            floor: self.floor.map(|(floor, _)| floor),
        }
    }
}
