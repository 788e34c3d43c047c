//! What every write-behind queue promises, as tests that run on any of them.
//!
//! Each promise is a public function that takes a [`QueueSubject`] and panics when the promise is broken; [`all`] runs them one
//! after the other, each on a subject of its own. Those in [`kept`] are about the store of which the queue is a part, and hold of no other.

pub mod claims;
pub mod kept;
pub mod letters;
pub mod line;
pub mod reading;
pub mod settling;

use crate::store::{
    Batch, Claim, Dead, EntryKey, Fingerprint, NewWrite, Partition, Pending, Put, Settled, Shown, Shows,
    Store, Taken, Token, Waiting, WriteQueue,
};
use bytes::Bytes;
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A queue under test, and the means to let its time pass.
pub struct QueueSubject {
    queue: Arc<dyn WriteQueue>,
    store: Option<Arc<dyn Store>>,
    pass: Box<dyn Fn(Duration) -> Passing + Send + Sync>,
    /// The number of the batch that was taken last.
    taken: AtomicU64,
}

/// Done when the time has passed.
type Passing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The text of the entries of pending values: byte 3 is the state, which is "pending".
const STATE: (usize, u8, u8) = (3, 3, 1);

impl QueueSubject {
    /// A queue whose time passes when `pass` is awaited.
    pub fn new<P>(queue: impl WriteQueue + 'static, pass: P) -> Self
    where
        P: Fn(Duration) -> Passing + Send + Sync + 'static,
    {
        Self { queue: Arc::new(queue), store: None, pass: Box::new(pass), taken: AtomicU64::new(0) }
    }

    /// A queue on a real clock, such as a server's.
    pub fn in_real_time(queue: impl WriteQueue + 'static) -> Self {
        Self::new(queue, |time| Box::pin(tokio::time::sleep(time)))
    }

    /// The same, as part of this store.
    #[must_use]
    pub fn part_of(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// The queue.
    pub fn queue(&self) -> &dyn WriteQueue {
        &*self.queue
    }

    /// Lets time pass on the queue's clock.
    pub async fn pass(&self, time: Duration) {
        (self.pass)(time).await;
    }

    pub(crate) fn store(&self) -> Option<&dyn Store> {
        self.store.as_deref()
    }

    pub(crate) async fn enqueue(&self, write: &NewWrite) -> Put {
        self.queue.enqueue(write).await.expect("the queue under test answers an enqueue")
    }

    /// Enqueues a write that must get a place of its own; answers its id, which is its version.
    pub(crate) async fn queued(&self, write: &NewWrite) -> u64 {
        match self.enqueue(write).await {
            Put::Queued(version) => version,
            other => panic!("the write should have been queued, not {other:?}"),
        }
    }

    /// Enqueues a write that must take the place of another; answers its version.
    pub(crate) async fn coalesced(&self, write: &NewWrite) -> u64 {
        match self.enqueue(write).await {
            Put::Coalesced(version) => version,
            other => panic!("the write should have been coalesced, not {other:?}"),
        }
    }

    pub(crate) async fn look(&self, key: &EntryKey) -> Option<Pending> {
        self.queue.look(key).await.expect("the queue under test answers a look")
    }

    pub(crate) async fn claims(&self, holder: Token, lease: Duration) -> Vec<Claim> {
        self.queue.claim(holder, lease, &[]).await.expect("the queue under test answers a claim")
    }

    /// Claims the one partition in which writes wait.
    pub(crate) async fn claim(&self, holder: Token, lease: Duration) -> Claim {
        let mut claims = self.claims(holder, lease).await;
        assert_eq!(claims.len(), 1, "one partition should be claimed: {claims:?}");
        claims.remove(0)
    }

    pub(crate) async fn peek(&self, claim: &Claim, after: u64, most: usize) -> Vec<Waiting> {
        self.queue.peek(claim.partition, after, most).await.expect("the queue under test answers a peek")
    }

    /// The ids of all writes that may be taken.
    pub(crate) async fn ids(&self, claim: &Claim) -> Vec<u64> {
        self.peek(claim, 0, 1000).await.iter().map(|waiting| waiting.id).collect()
    }

    pub(crate) async fn try_take(&self, claim: &Claim, ids: &[u64]) -> Option<Taken> {
        self.queue.take(claim, ids).await.expect("the queue under test answers a take")
    }

    /// Takes a batch that must be given.
    pub(crate) async fn take(&self, claim: &Claim, ids: &[u64]) -> Taken {
        let taken = self.try_take(claim, ids).await.expect("the claim holds, so a batch is taken");
        self.taken.store(taken.number, Ordering::Relaxed);
        taken
    }

    /// Ends the batch that was taken last.
    pub(crate) async fn settle(&self, claim: &Claim, settled: &[Settled]) -> bool {
        self.settle_batch(claim, Some(self.taken.load(Ordering::Relaxed)), settled).await
    }

    pub(crate) async fn settle_batch(&self, claim: &Claim, number: Option<u64>, settled: &[Settled]) -> bool {
        self.queue.settle(claim, number, settled).await.expect("the queue under test answers a settle")
    }

    /// Takes all that waits, and settles it like this.
    pub(crate) async fn flush(&self, claim: &Claim, end: impl Fn(u64, u64) -> Settled) {
        let taken = self.take(claim, &self.ids(claim).await).await;
        let settled: Vec<_> = taken.writes.iter().map(|write| end(write.id, write.version)).collect();
        assert!(self.settle(claim, &settled).await, "the claim holds, so the batch is settled");
    }

    pub(crate) async fn dead(&self) -> Vec<Dead> {
        self.queue.dead().await.expect("the queue under test lists its dead letters")
    }
}

impl fmt::Debug for QueueSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueSubject").field("queue", &self.queue).finish_non_exhaustive()
    }
}

/// `product:<id>`; all of them in one partition.
pub(crate) fn key(text: &str) -> EntryKey {
    EntryKey {
        text: Arc::from(text),
        partition: Partition::of("product"),
        template: Cow::Borrowed("product:<id>"),
        fingerprint: Fingerprint(0xabcd_ef01_2345_6789),
        groups: Vec::new(),
    }
}

/// A write of this value, which takes the place of one that waits.
pub(crate) fn write(text: &str, value: &str) -> NewWrite {
    NewWrite {
        token: Token::random(),
        key: key(text),
        function: "Products::save product:<id>".into(),
        payload: Bytes::from(format!("payload {value}")),
        shows: Shows::Value(entry(value)),
        ttl: None,
        coalesce: true,
        drops: Vec::new(),
        most: 1000,
    }
}

/// The same by another function: the two wait side by side.
pub(crate) fn tagging(text: &str, value: &str) -> NewWrite {
    NewWrite { function: "Products::tag product:<id>".into(), ..write(text, value) }
}

/// A write of this value as an event of its own.
pub(crate) fn event(text: &str, value: &str) -> NewWrite {
    NewWrite { coalesce: false, ..write(text, value) }
}

/// A write of a delta.
pub(crate) fn delta(text: &str, value: &str) -> NewWrite {
    NewWrite { shows: Shows::Delta, ..write(text, value) }
}

/// The entry of a pending value.
pub(crate) fn entry(value: &str) -> Bytes {
    let mut entry = b"ent?".to_vec();
    entry[STATE.0] = STATE.1;
    entry.extend(value.as_bytes());
    entry.into()
}

/// The same when the database has it.
pub(crate) fn clean(value: &str) -> Bytes {
    let mut entry = entry(value).to_vec();
    entry[STATE.0] = STATE.2;
    entry.into()
}

pub(crate) fn deltas(values: &[&str]) -> Shown {
    Shown::Deltas(values.iter().map(|value| Bytes::from(format!("payload {value}"))).collect())
}

pub(crate) fn done(id: u64, version: u64) -> Settled {
    Settled::Done { id, version }
}

pub(crate) fn failed(id: u64, version: u64) -> Settled {
    Settled::Failed { id, version }
}

pub(crate) fn given_up(id: u64, version: u64) -> Settled {
    Settled::Dead { id, version, error: "it is broken".to_owned(), halt: false }
}

pub(crate) fn halting(id: u64, version: u64) -> Settled {
    Settled::Dead { id, version, error: "it is broken".to_owned(), halt: true }
}

/// What another holder finds of a batch.
pub(crate) fn batch(taken: &Taken, claim: &Claim) -> Batch {
    Batch {
        number: taken.number,
        epoch: claim.epoch,
        function: taken.writes[0].function.clone(),
        writes: taken.writes.iter().map(|write| (write.id, write.version)).collect(),
    }
}

macro_rules! promises {
    ($($module:ident { $($promise:ident),+ $(,)? })+) => {
        /// The names of all promises, in the order [`all`] checks them.
        pub const PROMISES: &[&str] = &[$($(stringify!($promise)),+),+];

        /// Checks every promise, each on a new and empty subject.
        ///
        /// # Panics
        ///
        /// When a promise is broken, or the queue fails.
        pub async fn all<M: AsyncFn() -> QueueSubject>(make: M) {
            $($(
                tracing::debug!(promise = stringify!($promise), "conformance");
                $module::$promise(&make().await).await;
            )+)+
        }
    };
}

promises! {
    line {
        writes_wait_in_their_order, peek_goes_on_after_an_id, partitions_are_lines_of_their_own, later_write_takes_the_place_of_one_that_waits,
        other_function_waits_by_itself, events_wait_by_themselves, event_is_not_replaced, deltas_wait_by_themselves,
        drops_of_coalesced_writes_are_joined, repeated_token_is_answered_the_same,
        repeated_token_changes_nothing_after_the_flush, full_partition_refuses, refused_write_may_come_again,
        delta_does_not_wait_beside_a_value, writes_come_back_whole, depths_tell_what_waits, many_enqueue_at_once,
    }
    claims {
        only_partitions_with_writes_are_claimed, one_holder_at_a_time, holder_keeps_its_claim, claim_ends_with_its_lease,
        renewed_claim_outlives_its_first_end, yielded_claim_is_free_at_once, claim_of_an_empty_line_is_given_back,
        lost_claim_takes_nothing, lost_claim_settles_nothing, claim_that_ran_out_holds_until_another_comes,
        unfinished_batch_is_handed_over, own_batch_may_be_taken_anew, batch_without_writes_is_a_batch,
        taken_writes_come_in_the_order_asked, one_of_many_gets_the_claim,
    }
    settling {
        settled_writes_are_gone, taken_writes_stay_until_they_are_settled, replaced_write_waits_again_at_the_end,
        failed_write_counts_its_attempts, replaced_write_has_no_attempts, settling_twice_is_settling_once,
        what_is_not_settled_stays, late_settlement_changes_nothing, settling_without_a_number_leaves_the_batch_open,
        large_batch_is_settled,
    }
    letters {
        dead_letter_is_kept_whole, replaced_write_does_not_die, dead_letter_is_replayed, newer_pending_write_supersedes,
        newer_flushed_write_supersedes, older_flushed_write_does_not_supersede, events_are_always_replayed, event_supersedes_nothing,
        replayed_event_is_shown_last, whole_write_is_not_replayed_into_a_halted_key, delta_is_always_replayed,
        delta_is_not_replayed_beside_a_value, what_is_not_there_is_gone, discarded_letter_is_gone,
        halted_key_takes_no_writes, halted_write_is_replayed_in_its_place, discarded_halt_frees_its_key,
        halted_key_keeps_its_other_writes, overtaken_writes_die, overtaken_event_may_be_replayed, overtaking_supersedes_dead_letters, error_may_be_any_text,
    }
    reading {
        nothing_is_pending_at_first, value_is_shown, deletion_is_shown, deltas_are_shown_in_their_order,
        oldest_delta_is_told,
        another_variant_is_named, taken_write_is_moving, flushed_version_is_told,
    }
    kept {
        pending_value_is_read, pending_key_is_not_loaded, pending_value_survives_an_invalidation,
        flushed_value_stays, flushed_value_without_ttl_to_live_goes, value_given_up_is_gone, value_given_up_before_is_not_kept,
    }
}
