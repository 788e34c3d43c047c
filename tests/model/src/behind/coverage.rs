//! What happened at all while a configuration was explored.

use std::sync::atomic::{AtomicU64, Ordering};

events! {
    /// A reader got a value from the store.
    Hit,
    /// A reader got a value that was pending.
    Ahead,
    /// A reader was told that a pending write has deleted the row.
    Absent,
    /// A reader waited for a flush.
    Drained,
    /// A reader added pending deltas.
    Added,
    /// It could not, and loads again.
    LoadedAgain,
    /// A fill was stored.
    Filled,
    /// A fill was refused.
    Refused,
    /// A write took the place of one that waited.
    Coalesced,
    /// It did, and that one was being written.
    Replaced,
    /// A repeated or late enqueue changed nothing.
    Repeated,
    /// A batch was committed.
    Committed,
    /// A transaction was refused, since a later flusher was there.
    Fenced,
    /// A settlement was refused, since the claim was lost.
    Outlived,
    /// An earlier flusher's batch, or one in doubt, was in the database.
    WasThere,
    /// It was not.
    WasNot,
    /// A write became a dead letter.
    GivenUp,
    /// A dead letter was replayed.
    Replayed,
    /// The value of a flushed write stayed.
    Stayed,
    /// A direct writer had to wait.
    DirectWaited,
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
