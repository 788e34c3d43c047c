//! Which strategies are there, and is the body of each a loader or a writer?

use std::fmt;

/// A named preset of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strategy {
    CacheAside,
    ReadThrough,
    RefreshAhead,
    WriteThrough,
    WriteAround,
    WriteBehind,
}

impl Strategy {
    pub(crate) const ALL: [Self; 6] = [
        Self::CacheAside,
        Self::ReadThrough,
        Self::RefreshAhead,
        Self::WriteThrough,
        Self::WriteAround,
        Self::WriteBehind,
    ];

    /// The name that attributes use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::CacheAside => "cache_aside",
            Self::ReadThrough => "read_through",
            Self::RefreshAhead => "refresh_ahead",
            Self::WriteThrough => "write_through",
            Self::WriteAround => "write_around",
            Self::WriteBehind => "write_behind",
        }
    }

    /// The name that the runtime uses.
    pub(crate) const fn variant(self) -> &'static str {
        match self {
            Self::CacheAside => "CacheAside",
            Self::ReadThrough => "ReadThrough",
            Self::RefreshAhead => "RefreshAhead",
            Self::WriteThrough => "WriteThrough",
            Self::WriteAround => "WriteAround",
            Self::WriteBehind => "WriteBehind",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == name)
    }

    /// Is the body a loader?
    pub(crate) const fn reads(self) -> bool {
        match self {
            Self::CacheAside | Self::ReadThrough | Self::RefreshAhead => true,
            Self::WriteThrough | Self::WriteAround | Self::WriteBehind => false,
        }
    }

    /// Does it put values into the cache?
    pub(crate) const fn stores(self) -> bool {
        !matches!(self, Self::WriteAround)
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
