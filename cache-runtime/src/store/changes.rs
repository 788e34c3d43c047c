//! What a store tells about changes, to those who made them and to those who listen.

use super::{Group, Partition};
use std::{sync::Arc, time::Duration};

/// When something was changed, on the store's clock, since the Unix epoch: a listener that has heard of a later moment has heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Told(pub Duration);

/// What somebody else has changed, or is about to change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Change {
    /// One key, in every variant.
    Key {
        /// The key's text.
        text: Arc<str>,
        /// Where it lives.
        partition: Partition,
    },
    /// A whole group.
    Group(Group),
    /// Anything.
    Everything,
}

/// Who listens to a store; see [`Store::follow`](super::Store::follow).
///
/// The store calls it from wherever it reads what it is told, so it must neither wait nor panic.
pub trait Ear: Send + Sync + 'static {
    /// Its own clock. It should count time in which the machine was suspended.
    fn now(&self) -> Duration;

    /// How often it wants to hear that nothing was missed.
    fn every(&self) -> Duration;

    /// Somebody else has changed this, or is about to.
    fn changed(&self, change: Change);

    /// All changes that were made before the store's clock showed `store_time` have been told. The question was sent when the ear's clock
    /// showed `asked_at`, which was earlier.
    fn heard(&self, asked_at: Duration, store_time: Duration);
}
