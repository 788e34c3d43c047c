//! What a store does for its own queue: every reader of it sees what is pending. Queues without a store promise nothing here.

use super::{QueueSubject, clean, done, entry, event, given_up, write};
use crate::{
    conformance::{LONG, target},
    store::{EntryKey, Fill, FillOutcome, Lookup, NewWrite, Shows, Store, Token},
};
use bytes::Bytes;
use std::time::Duration;

async fn read(store: &dyn Store, key: &EntryKey) -> Option<Bytes> {
    let reads = store.read(std::slice::from_ref(key)).await.expect("the store under test answers a read");
    reads.into_iter().next().and_then(|read| read.entry)
}

/// An ordinary read gets it, whatever was stored before.
pub async fn pending_value_is_read(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = write("product:1", "one");
    s.queued(&write).await;
    assert_eq!(read(store, &write.key).await, Some(entry("one")));
    s.coalesced(&super::write("product:1", "two")).await;
    assert_eq!(read(store, &write.key).await, Some(entry("two")));
    s.coalesced(&NewWrite { shows: Shows::Absent, ..super::write("product:1", "") }).await;
    assert_eq!(read(store, &write.key).await, None);
}

/// What the database has is older: it is neither loaded nor stored, by loads before the write either.
pub async fn pending_key_is_not_loaded(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = write("product:1", "one");
    let token = Token::random();
    let answer = store.acquire(&write.key, token, LONG).await.expect("the store under test answers");
    let Lookup::Granted { epoch, stamps } = answer else { panic!("nothing is there yet: {answer:?}") };
    s.queued(&write).await;
    let entry_of_load = Bytes::from_static(b"old");
    let fill = Fill { token, entry: entry_of_load, ttl: Some(LONG), epoch, stamps, version: None };
    let filled = store.fill(&write.key, fill).await.expect("the store under test answers");
    assert_eq!(filled, FillOutcome::Refused);
    let answer =
        store.acquire(&write.key, Token::random(), LONG).await.expect("the store under test answers");
    let Lookup::Present(read) = answer else { panic!("the pending value is there: {answer:?}") };
    assert_eq!(read.entry, Some(entry("one")));
    s.coalesced(&NewWrite { shows: Shows::Absent, ..super::write("product:1", "") }).await;
    let answer =
        store.acquire(&write.key, Token::random(), LONG).await.expect("the store under test answers");
    assert_eq!(answer, Lookup::Pending { absent: true });
}

/// An acknowledged write can't be invalidated away.
pub async fn pending_value_survives_an_invalidation(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = write("product:1", "one");
    s.queued(&write).await;
    store.invalidate(&[target(&write.key)], None).await.expect("the store under test invalidates");
    assert_eq!(read(store, &write.key).await, Some(entry("one")));
}

/// Once the database has it, it is an entry like any other.
pub async fn flushed_value_stays(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = NewWrite { ttl: Some(LONG), ..write("product:1", "one") };
    s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.flush(&claim, done).await;
    assert_eq!(read(store, &write.key).await, Some(clean("one")));
    store.invalidate(&[target(&write.key)], None).await.expect("the store under test invalidates");
    assert_eq!(read(store, &write.key).await, None);
}

/// With no time to live it goes when it was flushed.
pub async fn flushed_value_without_ttl_to_live_goes(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = NewWrite { ttl: Some(Duration::ZERO), ..write("product:1", "one") };
    s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.flush(&claim, done).await;
    assert_eq!(read(store, &write.key).await, None);
}

/// Readers get what the database has, since it won't get this.
pub async fn value_given_up_is_gone(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = write("product:1", "one");
    s.queued(&write).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.flush(&claim, given_up).await;
    assert_eq!(read(store, &write.key).await, None);
}

/// The same when an earlier write to the key is flushed only afterwards: what is shown last must be what was flushed.
pub async fn value_given_up_before_is_not_kept(s: &QueueSubject) {
    let Some(store) = s.store() else { return };
    let write = event("product:1", "one");
    let id = s.queued(&write).await;
    let later = s.queued(&event("product:1", "two")).await;
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[id, later]).await;
    assert!(s.settle(&claim, &[given_up(later, later)]).await);
    s.flush(&claim, done).await;
    assert_eq!(read(store, &write.key).await, None);
    assert_eq!(s.look(&write.key).await, None);
}
