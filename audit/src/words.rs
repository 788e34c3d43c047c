//! What the auditor calls things: levels, ways of reading, faults and promises.

use std::{fmt, time::Duration};

/// Nanoseconds on the machine's clock that all its processes share and that counts while they stand still.
pub(crate) type Nanos = u64;

/// Defines an enum whose variants have a name and a number.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// All of them, in the order in which they are shown.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name on the command line and in tables.
            pub(crate) const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// How a template is kept consistent.
    Level {
        Lease = "lease",
        Strict = "strict",
    }
}

words! {
    /// How a read came to its value.
    Via {
        /// Through the shared store.
        L2 = "l2",
        /// Through the reader's own memory, where it answers.
        L1 = "l1",
        /// Past the cache: what the database says.
        Database = "database",
    }
}

words! {
    /// What a write does when the shared store can't be told of it.
    Fence {
        Proceed = "proceed",
        Reject = "reject",
    }
}

words! {
    /// What is broken on purpose, and what breaks by itself.
    Fault {
        /// Nothing was broken.
        None = "none",
        /// Nothing was broken, and still a call to Redis missed its deadline: the machine is busy.
        Slow = "slow",
        Kill = "kill",
        Stop = "stop",
        RedisKill = "redis-kill",
        RedisStop = "redis-stop",
        Partition = "partition",
        Delay = "delay",
        BlackHole = "black-hole",
        Cut = "cut",
        Flush = "flush",
        Evict = "evict",
        EvictAll = "evict-all",
        Skew = "skew",
    }
}

impl Fault {
    /// Those that can be asked for.
    pub(crate) fn injected() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|fault| !matches!(fault, Self::None | Self::Slow))
    }

    /// What is done.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::None => "nothing was broken",
            Self::Slow => "nothing was broken, but a call to Redis missed its deadline: the machine was busy",
            Self::Kill => "a worker is killed (SIGKILL) and started again",
            Self::Stop => {
                "a worker stands still (SIGSTOP): shortly, for longer than a lease, for longer than an intent"
            }
            Self::RedisKill => "Redis is killed and started again on its port",
            Self::RedisStop => "Redis stands still",
            Self::Partition => "one worker's connections to Redis are closed and refused",
            Self::Delay => "replies of Redis reach one worker late",
            Self::BlackHole => "nothing passes between one worker and Redis, and nobody says so",
            Self::Cut => "one worker's connections are closed between request and reply",
            Self::Flush => "FLUSHALL",
            Self::Evict => "Redis is full and evicts entries (`volatile-lru`)",
            Self::EvictAll => "Redis is full and evicts anything, control keys included (`allkeys-lru`)",
            Self::Skew => "one worker's clock jumps forward by minutes",
        }
    }
}

words! {
    /// What is promised of every read.
    Promise {
        Written = "only-written",
        Own = "own-writes",
        Acknowledged = "after-ack",
        CutOff = "cut-off",
        Finished = "no-survivor",
        Order = "new-then-old",
    }
}

impl Promise {
    /// What a count under its name means.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Written => "a read returned what nobody had written",
            Self::Own => "a read missed a write that its own process had acknowledged before",
            Self::Acknowledged => {
                "a read missed a write that had been acknowledged, and whose invalidation Redis had taken, before the read began"
            }
            Self::CutOff => {
                "a read missed an acknowledged write whose writer had not got its invalidation through to Redis yet"
            }
            Self::Finished => {
                "a read missed a write that others had seen before, and that nobody works on any more: its writer was killed or had given up"
            }
            Self::Order => {
                "a read missed a write that others had seen before, while that write was still under way"
            }
        }
    }
}

/// Whole milliseconds, rounded up.
pub(crate) fn millis(nanos: Nanos) -> u64 {
    nanos.div_ceil(1_000_000)
}

/// A duration in nanoseconds.
pub(crate) fn nanos(duration: Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// The one with this name.
pub(crate) fn named<T: Copy + fmt::Display>(all: &[T], word: &str) -> Option<T> {
    all.iter().copied().find(|one| one.to_string() == word)
}

/// The names of all choices, for error messages.
pub(crate) fn list<T: fmt::Display>(choices: impl IntoIterator<Item = T>) -> String {
    choices.into_iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ")
}
