//! Writes that are acknowledged before the database has them.
//!
//! A [`Queue`] keeps what was acknowledged ([`store::WriteQueue`](crate::store::WriteQueue)); the flusher ([`flusher`]) writes it out in batches ([`batch`])
//! through the functions' own batch functions or bodies ([`deferred`]). Until then readers see it: where the queue is part of the shared store, by its entries; else they
//! ask the queue first.

mod accept;
mod adding;
mod batch;
mod deferred;
mod deltas;
mod direct;
mod doubts;
mod enqueue;
mod failure;
mod failures;
mod finite;
mod flusher;
mod lag;
mod locals;
mod options;
mod payload;
mod plan;
mod retired;
mod running;
mod scope;
mod serve;
#[cfg(feature = "sqlx")]
pub(crate) mod sql;
mod state;
mod status;
mod waiting;

pub(crate) use adding::{Adding, Unadded};
pub use adding::{DeltaOf, Deltas, Merges, Merging, Sum, adds_to, adds_to_each, merges, merging};
pub use deferred::{Deferring, Lane, Progress, Repository, Served, deferring};
pub(crate) use deltas::Waiting;
pub(crate) use direct::{Drained, Paused};
pub use enqueue::{Showing, deletes, delta, enqueue, shows};
#[cfg(feature = "sqlx")]
pub(crate) use failure::Failure;
pub use failures::FailedFunction;
pub use options::{Fault, Queue};
pub use payload::{ElementOf, Payload, Upcast, batch_of};
#[cfg(feature = "sqlx")]
pub(crate) use scope::current as batch;
pub(crate) use scope::is_flushing;
pub use serve::{Flusher, RunningFlusher};
pub(crate) use state::{Behind, queued_key};
pub use status::{DeadLetter, WriteBehind, WriteBehindStatus};
pub use waiting::WaitingFunction;

use crate::{
    Cache,
    spec::{Spec, Strategy, linked},
};
use std::{collections::HashSet, sync::OnceLock};

/// Whether a template family has write-behind functions anywhere in the program.
pub(crate) fn defers(family: &str) -> bool {
    static DEFERRED: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let deferred = |spec: &&'static Spec| spec.strategy == Strategy::WriteBehind;
    DEFERRED.get_or_init(|| linked().filter(deferred).map(Spec::family).collect()).contains(family)
}

/// `flush_before(..)`: what these functions have acknowledged is flushed before a body runs.
pub async fn flush_before(cache: &Cache, functions: &[&'static Spec]) {
    cache.0.behind.flush_functions(functions).await;
}
