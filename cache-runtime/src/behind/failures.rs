//! Which functions could not be flushed here, and why.

use super::{
    failure::{Failure, FailureKind},
    options::Fault,
    state::State,
    status::letter_id,
};
use crate::{
    observe::Counter,
    store::{Partition, QueuedWrite},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

/// The last failed flush of a function in this process; see [`WriteBehindStatus::failures`](crate::WriteBehindStatus::failures).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedFunction {
    /// The function, with its type.
    pub function: String,
    /// Its template, with empty placeholders.
    pub template: String,
    /// The error, as text.
    pub error: String,
    /// What the error means; `None` where it doesn't tell whether the database or a write is at fault.
    pub fault: Option<Fault>,
    /// When it came.
    pub at: SystemTime,
    /// How often the function has failed since a batch of it was written: 0 when one has passed after this error. Each half of a batch that is searched for the write at
    /// fault counts.
    pub attempts: u64,
}

/// The last failure of each function, by the name under which its writes are queued.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<BTreeMap<Arc<str>, FailedFunction>>);

/// A write that is a dead letter from now on, and why.
pub(super) struct Buried<'w> {
    pub(super) partition: Partition,
    pub(super) write: &'w QueuedWrite,
    pub(super) class: &'w str,
    pub(super) error: &'w str,
}

impl State {
    /// A write is a dead letter now: says so, and counts it.
    pub(super) fn buried(&self, buried: &Buried<'_>) {
        buried.log();
        self.tally.dead(1);
        self.flushed(1);
        if let Some(inner) = self.inner() {
            self.count_for(&inner, &buried.write.function, Counter::DeadLetter, 1);
        }
    }
}

impl Buried<'_> {
    fn log(&self) {
        let Self { partition, write, class, error } = *self;
        let id = letter_id((partition, write.id));
        tracing::error!(
            id,
            function = write.function.split(' ').next(),
            class,
            attempts = write.attempts,
            error,
            "an acknowledged write was given up; it is a dead letter"
        );
        // Keys are data of users: above debug they are shown only where they are asked for, as by `WriteBehind::dead_letter`.
        tracing::debug!(id, key = &*write.key, "the key of a dead letter");
    }
}

impl Failures {
    pub(super) fn failed(&self, name: &Arc<str>, failure: &Failure) {
        let mut all = self.all();
        let attempts = all.get(name).map_or(0, |failed| failed.attempts).saturating_add(1);
        let (function, template) = name.split_once(' ').unwrap_or((name, ""));
        let failed = FailedFunction {
            function: function.to_owned(),
            template: template.to_owned(),
            error: failure.message.clone(),
            fault: match failure.kind {
                FailureKind::Transient => Some(Fault::Transient),
                FailureKind::Permanent => Some(Fault::Permanent),
                FailureKind::Unknown => None,
            },
            at: SystemTime::now(),
            attempts,
        };
        all.insert(name.clone(), failed);
    }

    pub(super) fn passed(&self, name: &str) {
        if let Some(failed) = self.all().get_mut(name) {
            failed.attempts = 0;
        }
    }

    /// What a function fails with now.
    pub(super) fn failing(&self, name: &str) -> Option<FailedFunction> {
        self.all().get(name).filter(|failed| failed.attempts > 0).cloned()
    }

    pub(super) fn list(&self) -> Vec<FailedFunction> {
        self.all().values().cloned().collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, FailedFunction>> {
        // A map is whole whatever panicked beside it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
