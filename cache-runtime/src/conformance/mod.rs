//! What every store promises, as tests that run on any of them.
//!
//! Each promise is a public function that takes a [`Subject`] and panics when the promise is broken; [`all`] runs
//! them one after the other, each on a subject of its own.
//!
//! ```
//! use cache_runtime::{conformance::{self, Subject}, store::MemoryStore};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! // A store on the system's clock: time passes by waiting.
//! let make = async || Subject::in_real_time(MemoryStore::new());
//! conformance::leases::lease_is_exclusive(&make().await).await;
//! # });
//! ```

#![expect(
    clippy::missing_panics_doc,
    reason = "panicking is how a promise says that it is broken; said once, above"
)]

pub mod changes;
pub mod clearing;
pub mod entries;
pub mod groups;
pub mod invalidation;
pub mod leases;
pub mod queue;
pub mod races;
pub mod scanning;
pub mod writes;

use crate::store::{
    EntryKey, Fill, FillOutcome, Fingerprint, Group, Lookup, Partition, Read, Stamp, Store, Target, Token,
};
use bytes::Bytes;
use std::{borrow::Cow, fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

/// A store under test, and the means to let its time pass.
pub struct Subject {
    store: Arc<dyn Store>,
    other: Option<Arc<dyn Store>>,
    pass: Box<dyn Fn(Duration) -> Passing + Send + Sync>,
}

/// Done when the time has passed.
type Passing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A lease that is long compared with any test.
pub(crate) const LONG: Duration = Duration::from_mins(1);
/// A lease, hold or ttl that a test lets pass.
pub(crate) const SHORT: Duration = Duration::from_millis(80);
/// The same where something must happen before it ends, on a busy machine too.
pub(crate) const ROOMY: Duration = Duration::from_millis(600);
/// Longer than [`ROOMY`].
pub(crate) const PAST_ROOMY: Duration = Duration::from_millis(620);
/// Longer than [`SHORT`], with room for a clock that ticks in milliseconds.
pub(crate) const PAST_SHORT: Duration = Duration::from_millis(100);

impl Subject {
    /// A store whose time passes when `pass` is awaited.
    pub fn new<P>(store: impl Store, pass: P) -> Self
    where
        P: Fn(Duration) -> Passing + Send + Sync + 'static,
    {
        Self { store: Arc::new(store), other: None, pass: Box::new(pass) }
    }

    /// A store on a real clock, such as a server.
    pub fn in_real_time(store: impl Store) -> Self {
        Self::new(store, |time| Box::pin(tokio::time::sleep(time)))
    }

    /// The same with another handle on the same content, as another process would have it; the promises about changes need one.
    #[must_use]
    pub fn beside(mut self, other: impl Store) -> Self {
        self.other = Some(Arc::new(other));
        self
    }

    pub(crate) fn other(&self) -> &Arc<dyn Store> {
        self.other.as_ref().expect("the subject has another handle on its store: `Subject::beside`")
    }

    pub(crate) fn shared_store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Lets time pass on the store's clock.
    pub async fn pass(&self, time: Duration) {
        (self.pass)(time).await;
    }

    pub(crate) async fn read(&self, key: &EntryKey) -> Read {
        let mut reads =
            self.store.read(std::slice::from_ref(key)).await.expect("the store under test answers a read");
        assert_eq!(reads.len(), 1, "one answer per key");
        reads.remove(0)
    }

    pub(crate) async fn entry(&self, key: &EntryKey) -> Option<Bytes> {
        self.read(key).await.entry
    }

    pub(crate) async fn acquire(&self, key: &EntryKey, token: Token, lease: Duration) -> Lookup {
        self.store.acquire(key, token, lease).await.expect("the store under test answers an acquire")
    }

    /// Acquires a lease that must be granted.
    pub(crate) async fn granted(&self, key: &EntryKey, lease: Duration) -> Grant {
        let token = Token::random();
        match self.acquire(key, token, lease).await {
            Lookup::Granted { epoch, stamps } => Grant { token, epoch, stamps },
            other => panic!("the lease should have been granted, not {other:?}"),
        }
    }

    /// Acquires a lease anew, after a fill under the last one was refused.
    pub(crate) async fn granted_anew(&self, key: &EntryKey, last: &Grant) -> Grant {
        self.store.release(key, last.token).await.expect("the store under test answers a release");
        self.granted(key, LONG).await
    }

    pub(crate) async fn fill(
        &self,
        key: &EntryKey,
        grant: &Grant,
        entry: &str,
        ttl: Option<Duration>,
    ) -> FillOutcome {
        let entry = Bytes::copy_from_slice(entry.as_bytes());
        let fill = Fill {
            token: grant.token,
            entry,
            ttl,
            epoch: grant.epoch,
            stamps: grant.stamps.clone(),
            version: None,
        };
        self.store.fill(key, fill).await.expect("the store under test answers a fill")
    }

    /// Stores an entry that must be accepted.
    pub(crate) async fn put(&self, key: &EntryKey, entry: &str) {
        let grant = self.granted(key, LONG).await;
        assert_eq!(
            self.fill(key, &grant, entry, Some(LONG)).await,
            FillOutcome::Stored,
            "a granted fill is stored"
        );
    }

    pub(crate) async fn invalidate(&self, targets: &[Target], hold: Option<Duration>) {
        self.store.invalidate(targets, hold).await.expect("the store under test answers an invalidation");
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("store", &self.store).finish_non_exhaustive()
    }
}

/// A granted lease.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) token: Token,
    pub(crate) epoch: u32,
    pub(crate) stamps: Vec<Stamp>,
}

/// `product:<id>` in its first variant.
pub(crate) fn key(text: &str) -> EntryKey {
    EntryKey {
        text: Arc::from(text),
        partition: Partition::of(text),
        template: Cow::Borrowed("product:<id>"),
        fingerprint: Fingerprint(0xabcd_ef01_2345_6789),
        groups: Vec::new(),
    }
}

/// `browse:<category>:<page>`, grouped by category.
pub(crate) fn page(category: &str, page: u32) -> EntryKey {
    let group = group(category);
    EntryKey {
        text: format!("browse:{category}:{page}").into(),
        partition: group.partition,
        template: Cow::Borrowed("browse:<category>:<page>"),
        fingerprint: Fingerprint(0x1111),
        groups: vec![group],
    }
}

pub(crate) fn group(category: &str) -> Group {
    let text = format!("browse:{category}");
    Group { partition: Partition::of(&text), text: text.into() }
}

/// Another partition.
pub(crate) fn elsewhere(partition: Partition) -> Partition {
    Partition::all().find(|other| *other != partition).expect("a namespace has more than one partition")
}

pub(crate) fn target(key: &EntryKey) -> Target {
    Target::Key {
        text: key.text.clone(),
        partition: key.partition,
        template: key.template.clone(),
        version: None,
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
        /// When a promise is broken, or the store fails.
        pub async fn all<M: AsyncFn() -> Subject>(make: M) {
            $($(
                tracing::debug!(promise = stringify!($promise), "conformance");
                $module::$promise(&make().await).await;
            )+)+
        }
    };
}

promises! {
    entries {
        what_is_stored_is_read, nothing_stored_reads_as_missing, entry_is_gone_after_its_ttl, entry_without_ttl_stays,
        batch_answers_in_the_order_asked, one_key_twice_in_a_batch_is_answered_twice, empty_batch_is_answered,
        large_entry_comes_back_whole, keys_may_hold_any_text, variants_of_a_key_do_not_see_each_other,
        time_of_the_store_advances,
    }
    leases {
        lease_is_exclusive, same_token_gets_the_same_answer, present_entry_is_handed_over, rejected_entry_counts_as_missing,
        another_entry_than_the_rejected_one_is_handed_over, expired_lease_goes_to_the_next, fill_after_a_lost_lease_is_refused,
        fill_without_a_lease_is_refused, repeated_fill_gets_the_same_answer, renewed_lease_outlives_its_first_end,
        lost_lease_is_not_renewed, released_lease_is_free_at_once, release_by_another_token_changes_nothing,
        lease_is_free_after_the_fill,
    }
    invalidation {
        invalidated_entry_is_gone, invalidation_drops_the_load_in_flight, late_renewal_does_not_revive_a_killed_lease,
        invalidation_drops_every_variant, load_after_an_invalidation_is_stored, hold_forbids_fills_until_it_ends,
        longer_hold_wins, invalidation_may_be_repeated, one_call_drops_keys_of_many_partitions,
        one_call_drops_keys_of_many_templates,
        other_keys_keep_their_entries_and_leases, one_text_in_two_partitions_is_two_keys,
    }
    groups {
        acquire_gives_the_group_a_stamp, stamps_stay_while_nothing_is_dropped, dropped_group_changes_its_stamp,
        dropped_group_refuses_fills_in_flight, dropped_group_is_filled_anew, other_groups_keep_their_stamps,
        hold_on_a_group_forbids_fills_until_it_ends, fill_with_a_foreign_stamp_is_refused,
        key_in_two_groups_is_dropped_with_either, one_text_in_two_partitions_is_two_groups,
    }
    clearing {
        cleared_namespace_is_empty, cleared_namespace_moves_every_epoch, cleared_namespace_refuses_fills_in_flight,
        cleared_namespace_grants_at_once, cleared_prefix_takes_only_what_matches, cleared_prefix_drops_loads_in_flight,
    }
    writes {
        announced_write_forbids_fills, write_that_was_alone_stores, entry_of_a_write_is_gone_after_its_ttl,
        entry_of_another_epoch_is_not_stored, overlapping_writes_store_nothing, chain_of_overlapping_writes_stores_nothing,
        newest_of_overlapping_writes_stores, versions_do_not_tell_about_a_write_without,
        write_that_ran_out_leaves_the_others_in_doubt, repeated_end_drops, repeated_announcement_is_one,
        end_by_another_leaves_the_announcement, announcement_that_ran_out_frees_the_key,
        extended_announcement_outlives_its_first_end, write_lost_on_one_key_is_not_extended,
        keys_of_a_write_end_on_their_own, hold_outlasts_the_writes_of_others, fill_older_than_the_newest_write_is_refused,
        large_versions_are_told_apart, announced_write_to_a_group_forbids_fills_of_its_keys,
        one_write_covers_many_partitions, announced_write_leaves_other_keys_alone,
    }
    races {
        stale_fill_is_refused, invalidation_during_a_load_is_not_lost, swapped_writers_leave_nothing_old,
        cancelled_writer_keeps_its_key_free, load_that_outlives_its_lease_stores_nothing,
        absence_is_not_stored_over_an_insert, entry_read_before_an_invalidation_does_not_come_back,
        refresh_does_not_outlive_a_write, clearing_does_not_end_a_write,
    }
    changes {
        invalidations_are_told_to_others, writes_are_told_to_others_at_both_ends, clearing_is_told_to_others,
        own_changes_are_not_told, reads_and_fills_are_not_told, what_was_changed_is_told_before_it_counts_as_heard,
    }
    scanning {
        scan_finds_every_key_with_the_prefix, scan_finds_what_stays_while_others_come_and_go,
    }
}
