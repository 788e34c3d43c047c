//! What happened at all while a configuration was explored.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! events {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// Something that must have happened, or the exploration was for nothing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event { $($(#[$doc])+ $name,)+ }

        impl Event {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

events! {
    /// A read was answered from the store.
    Hit,
    /// A lease was granted.
    Granted,
    /// A reader gave up waiting for another's lease.
    GaveUp,
    /// A reader met an open write.
    Bypassed,
    /// A leader found the entry when it asked for a lease.
    Found,
    /// A fill was stored.
    Filled,
    /// A fill was refused.
    Refused,
    /// The value of a write was stored.
    Kept,
    /// The value of a write was stored although another overlapped it.
    KeptNewest,
    /// The value of a write was not stored.
    Dropped,
    /// A follower got its leader's value.
    Followed,
    /// A follower began again.
    SentAway,
    /// A follower took over from a leader that left.
    TookOver,
    /// A call was carried out late.
    Late,
}

/// How often each happened.
#[derive(Debug, Default)]
pub(crate) struct Coverage([AtomicU64; Event::ALL.len()]);

impl Coverage {
    pub(crate) fn saw(&self, event: Event) {
        self.0[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn seen(&self) -> Vec<(Event, u64)> {
        Event::ALL.iter().map(|event| (*event, self.0[*event as usize].load(Ordering::Relaxed))).collect()
    }
}
