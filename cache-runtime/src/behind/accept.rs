//! How a write is accepted: waiting for room, asking again, and what is not known when it fails.

use super::{
    direct::Drained,
    state::{Behind, LOOK, State},
};
use crate::{
    Error, Result,
    cache::Inner,
    coherence::Near,
    edge::Edge,
    error::ErrorKind,
    key::{Key, KeyId},
    spec::Spec,
    store::{Fitness, NewWrite, Partition, Put, StoreError, StoreErrorKind, Target},
    write,
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;

/// How long a writer waits for room, and for an answer of the queue.
pub(super) const ROOM: Duration = Duration::from_secs(1);
/// How long a write that nobody waits for any more may still arrive in the queue, at most.
pub(super) const ARRIVAL: Duration = Duration::from_secs(60);

/// An accepted write.
pub(super) struct Accepted {
    pub(super) put: Put,
    pub(super) version: u64,
}

/// Why a write was not accepted.
pub(super) enum Refused {
    /// There was no room for a second.
    Full,
    Failed(Error),
}

impl Refused {
    /// There is no room, and with `open` there may have been: a direct write might then be overtaken by the one that is on its way.
    fn full(open: bool) -> Self {
        if !open {
            return Self::Full;
        }
        let why = "the write-behind queue is full, and it is not known whether it has accepted the write";
        Self::Failed(Error::new(ErrorKind::Store, why))
    }

    /// Whether the write may have been accepted all the same.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Failed(error) if error.kind() == ErrorKind::Store)
    }
}

/// A write is being offered to the queue. Dropped before the queue has answered, it keeps the flusher looking for as long as the write may arrive.
pub(super) struct Offering<'s> {
    pub(super) state: &'s State,
    pub(super) answered: bool,
}

impl Drop for Offering<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.state.flusher().open_until = Some(Instant::now() + ARRIVAL);
        }
    }
}

impl Behind {
    /// Accepts a write. When it returns, every reader that the queue promises sees it.
    pub(super) async fn accept(
        &self,
        inner: &Arc<Inner>,
        spec: &'static Spec,
        write: &NewWrite,
        key: &Key,
    ) -> Result<Accepted, Refused> {
        let Some(state) = self.state() else {
            return Err(Refused::Failed(Error::new(
                ErrorKind::NoQueue,
                format!("`{}` is write_behind, and {}", spec.function, self.missing()),
            )));
        };
        if state.closed.load(Ordering::Acquire) {
            return Err(Refused::Failed(Error::new(
                ErrorKind::Closed,
                "the cache was shut down and takes no more writes",
            )));
        }
        state.fit().await.map_err(Refused::Failed)?;
        // Already now: it may be accepted when nobody is here any more.
        state.ensure();
        let mut offering = Offering { state, answered: false };
        let accepted = match &inner.remote {
            Some(_) if !state.is_shared() => {
                let edge = Edge::of_family(write.key.template.clone(), key.clone());
                write::queued(inner, spec, edge, state.enqueue(inner, write)).await
            }
            Some(_) | None => state.enqueue(inner, write).await,
        };
        offering.answered = !accepted.as_ref().is_err_and(Refused::is_open);
        drop(offering);
        // Also now: the flusher may have looked before the write was there.
        state.ensure();
        let accepted = accepted?;
        if let Put::Queued(_) = accepted.put {
            state.pending.fetch_add(1, Ordering::AcqRel);
            // A batch is full: not of what is being written just now, but of what has come since the flusher looked.
            if state.unseen.fetch_add(1, Ordering::AcqRel) + 1 == state.options.batch as u64 {
                state.hurry.notify_one();
            }
        }
        Ok(accepted)
    }

    /// Remembers what this process forgets once the write is flushed, where it flushes and the queue's own names don't tell.
    pub(super) fn remember(&self, inner: &Inner, write: &NewWrite, id: KeyId, edges: &[Edge], version: u64) {
        let Some(state) = self.state() else { return };
        if state.options.flush_here && !matches!(inner.near, Near::Following(_)) {
            state.locals.accepted(&write.key, id, edges, version, state.options.max_pending);
        }
    }

    /// Names the line of a write, and how many it may hold.
    pub(super) fn place(&self, write: &mut NewWrite) {
        let Some(state) = self.state() else { return };
        let most = state.options.max_pending as u64;
        if state.is_shared() {
            write.most = most.div_ceil(u64::from(Partition::COUNT));
            return;
        }
        // The store's own place of the key, which the queue doesn't know.
        write.drops.push(Target::Key {
            text: write.key.text.clone(),
            partition: write.key.partition,
            template: write.key.template.clone(),
            version: None,
        });
        (write.key.partition, write.most) = (Partition::FIRST, most);
    }
}

impl State {
    /// Waits for a moment while it is not known whether the queue can keep what it promises, as after Redis has come back; why it is not used.
    async fn fit(&self) -> Result<()> {
        let deadline = Instant::now() + ROOM;
        loop {
            match self.fitness() {
                Fitness::Fit => return Ok(()),
                Fitness::Unverified(_) if Instant::now() < deadline => {
                    tokio::time::sleep(LOOK).await;
                }
                Fitness::Unverified(why) => return Err(Error::new(ErrorKind::QueueDown, why)),
                Fitness::Unfit(why) => return Err(Error::new(ErrorKind::NoQueue, why)),
            }
        }
    }

    /// Enqueues, waiting for room, and asking again while it isn't known whether it was accepted.
    async fn enqueue(self: &Arc<Self>, inner: &Arc<Inner>, write: &NewWrite) -> Result<Accepted, Refused> {
        let deadline = Instant::now() + ROOM;
        // What the queue was asked before and has not answered may still arrive there.
        let mut open = false;
        loop {
            let room = self.progress.notified();
            let put = self.queue().enqueue(write).await;
            let late = Instant::now() >= deadline;
            match put {
                Ok(put @ (Put::Queued(version) | Put::Coalesced(version))) => {
                    return Ok(Accepted { put, version });
                }
                Ok(Put::Full) if late => return Err(Refused::full(open)),
                Ok(Put::Full) => {
                    self.ensure();
                    self.hurry.notify_one();
                    let _ = tokio::time::timeout_at(deadline, room).await;
                }
                Ok(Put::Halted) => {
                    let kind = if open { ErrorKind::Store } else { ErrorKind::Halted };
                    return Err(Refused::Failed(Error::new(
                        kind,
                        "an earlier write to the key could not be flushed, so it is halted; replay or discard its dead letter",
                    )));
                }
                Ok(Put::Mixed) => {
                    if !matches!(inner.behind.drain(&write.key).await, Ok(Drained::All)) || late {
                        return Err(Refused::full(open));
                    }
                }
                Err(error) if late || error.kind() == StoreErrorKind::Refused => {
                    return Err(Refused::Failed(unaccepted(error, open)));
                }
                Err(error) => {
                    open |= is_open(&error);
                    tracing::debug!(%error, "a write is offered to the queue again");
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }
}

/// Whether the queue may have done what it was asked.
fn is_open(error: &StoreError) -> bool {
    // Nothing was sent, or it was refused.
    !matches!(
        error.kind(),
        StoreErrorKind::BreakerOpen | StoreErrorKind::Unavailable | StoreErrorKind::Refused
    )
}

/// The last answer of the queue; with `open`, one before it is missing.
fn unaccepted(error: StoreError, open: bool) -> Error {
    if open || is_open(&error) {
        let why = "it is not known whether the write-behind queue has accepted the write";
        return Error::with_source(ErrorKind::Store, why, error);
    }
    let (kind, why) = match error.kind() {
        StoreErrorKind::Refused => (ErrorKind::NoQueue, "the write-behind queue has refused the write"),
        StoreErrorKind::Unavailable
        | StoreErrorKind::BreakerOpen
        | StoreErrorKind::Connection
        | StoreErrorKind::Timeout
        | StoreErrorKind::Protocol => {
            (ErrorKind::QueueDown, "the write-behind queue is out of reach, so the write was not accepted")
        }
    };
    Error::with_source(kind, why, error)
}
