//! The races that a cache must survive, each acted out step by step.
//!
//! A store sees only its own part of a race: what a reader or writer does between two calls is acted out here.

use super::{LONG, PAST_ROOMY, PAST_SHORT, ROOMY, SHORT, Subject, key, page, target};
use crate::store::{Clear, FillOutcome, Lookup, Seen, Target, Token, Version};

async fn refused(s: &Subject, key: &crate::store::EntryKey, grant: &super::Grant, entry: &str) {
    assert_eq!(s.fill(key, grant, entry, Some(LONG)).await, FillOutcome::Refused);
}

/// A reader loads the old row, a writer commits and invalidates, the reader stores what it has.
pub async fn stale_fill_is_refused(s: &Subject) {
    let key = key("product:1");
    let reader = s.granted(&key, LONG).await;
    s.invalidate(&[target(&key)], None).await;
    refused(s, &key, &reader, "old").await;
    // Not even when another reader is about to store the new row, or has.
    let next = s.granted(&key, LONG).await;
    refused(s, &key, &reader, "old").await;
    assert_eq!(s.fill(&key, &next, "new", Some(LONG)).await, FillOutcome::Stored);
    refused(s, &key, &reader, "old").await;
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"new"[..]));
}

/// An invalidation that comes while nothing is stored isn't lost: the load in flight is what it must stop.
pub async fn invalidation_during_a_load_is_not_lost(s: &Subject) {
    let (plain, grouped) = (key("product:1"), page("books", 1));
    let (first, second) = (s.granted(&plain, LONG).await, s.granted(&grouped, LONG).await);
    assert_eq!((s.entry(&plain).await, s.entry(&grouped).await), (None, None));
    s.invalidate(&[target(&plain), Target::Group(super::group("books"))], None).await;
    refused(s, &plain, &first, "old").await;
    refused(s, &grouped, &second, "old").await;
    // A load that is asked to wait for one which was stopped would wait for nothing.
    s.granted(&plain, LONG).await;
}

/// Two writers commit in one order and reach the store in the other: the older value doesn't stay.
pub async fn swapped_writers_leave_nothing_old(s: &Subject) {
    let key = key("product:1");
    for (first_version, second_version) in [(0, 0), (1, 2)] {
        let (first, second) = (s.announced(&key).await, s.announced(&key).await);
        assert!(!s.end(&key, second, second_version, Some("second")).await.stored);
        assert!(!s.end(&key, first, first_version, Some("first")).await.stored);
        assert_eq!(s.entry(&key).await, None);
        s.put(&key, "loaded").await;
    }
    // The later one may even be over before the earlier one is announced again, after it was lost.
    let first = Token::random();
    s.begin(&[target(&key)], first, SHORT).await;
    s.pass(PAST_SHORT).await;
    let second = s.announced(&key).await;
    assert!(s.end(&key, second, 0, Some("second")).await.stored);
    assert!(!s.end(&key, first, 0, Some("first")).await.stored);
    assert_eq!(s.entry(&key).await, None);
}

/// A writer is cancelled while its statement runs: what is loaded until the statement is decided isn't kept.
pub async fn cancelled_writer_keeps_its_key_free(s: &Subject) {
    let key = key("product:1");
    let token = Token::random();
    s.begin(&[target(&key)], token, SHORT).await;
    // Nobody extends it any more; the hold counts from here.
    s.invalidate(&[target(&key)], Some(ROOMY)).await;
    s.pass(PAST_SHORT).await;
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    // Another write comes and goes. Which of the two commits last is open.
    let other = s.announced(&key).await;
    assert!(!s.end(&key, other, 0, Some("other")).await.stored);
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    s.pass(PAST_ROOMY).await;
    s.put(&key, "fresh").await;
}

/// A load takes longer than its lease: another one is stored, or a write comes, and the slow one stores nothing.
pub async fn load_that_outlives_its_lease_stores_nothing(s: &Subject) {
    let key = key("product:1");
    let slow = s.granted(&key, SHORT).await;
    s.pass(PAST_SHORT).await;
    refused(s, &key, &slow, "old").await;
    let quick = s.granted(&key, LONG).await;
    refused(s, &key, &slow, "old").await;
    assert_eq!(s.fill(&key, &quick, "new", Some(SHORT)).await, FillOutcome::Stored);
    s.pass(PAST_SHORT).await;
    refused(s, &key, &slow, "old").await;
    assert_eq!(s.entry(&key).await, None);
}

/// A reader finds no row, the row is inserted, the reader stores that there is none.
pub async fn absence_is_not_stored_over_an_insert(s: &Subject) {
    let key = key("product:1");
    // The insert invalidates: its key is known only afterwards.
    let reader = s.granted(&key, LONG).await;
    s.invalidate(&[target(&key).with_version(Version::new(1))], None).await;
    refused(s, &key, &reader, "none").await;
    // A strict insert stores the row, and the absence that was there before is gone.
    s.put(&key, "none").await;
    let writer = s.announced(&key).await;
    assert_eq!(s.entry(&key).await, None);
    assert!(s.end(&key, writer, 2, Some("row")).await.stored);
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"row"[..]));
}

/// A process reads an entry to keep it in its memory, a write drops it meanwhile. The store's part: from the invalidation on nobody
/// reads the entry again, and what the process rejects or keeps can't bring it back.
pub async fn entry_read_before_an_invalidation_does_not_come_back(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "old").await;
    let read = s.entry(&key).await.expect("it was just stored");
    s.invalidate(&[target(&key)], None).await;
    assert_eq!(s.entry(&key).await, None);
    // Whoever read it before may still ask for leave over it.
    let late = Token::random();
    let answer = s.store().acquire_over(&key, &Seen::new(&read), late, LONG).await;
    assert!(matches!(answer, Ok(Lookup::Granted { .. })), "{answer:?}");
    assert_eq!(s.entry(&key).await, None);
    s.store().release(&key, late).await.expect("the store under test answers a release");
    // A group that was dropped says so by its stamp, even if its entries are still there.
    let page = page("books", 1);
    s.put(&page, "old").await;
    let before = s.read(&page).await;
    s.invalidate(&[Target::Group(super::group("books"))], None).await;
    assert_ne!(s.read(&page).await.stamps, before.stamps);
}

/// A value is reloaded while the old one is served, a write comes in between: neither the old value nor the reload stays.
pub async fn refresh_does_not_outlive_a_write(s: &Subject) {
    let key = key("product:1");
    for strict in [false, true] {
        s.put(&key, "old").await;
        let seen = Seen::new(&s.entry(&key).await.expect("it was just stored"));
        let token = Token::random();
        let answer = s.store().acquire_over(&key, &seen, token, LONG).await;
        let Ok(Lookup::Granted { epoch, stamps }) = answer else {
            panic!("the lease should have been granted, not {answer:?}")
        };
        let refresh = super::Grant { token, epoch, stamps };
        let writer = if strict { Some(s.announced(&key).await) } else { None };
        s.invalidate(&[target(&key)], None).await;
        refused(s, &key, &refresh, "reloaded").await;
        assert_eq!(s.entry(&key).await, None);
        if let Some(writer) = writer {
            s.end(&key, writer, 0, None).await;
        }
    }
}

/// Everything is cleared while a write is open: the load in flight is stopped, and the write keeps its key.
pub async fn clearing_does_not_end_a_write(s: &Subject) {
    let key = key("product:1");
    let writer = s.announced(&key).await;
    s.store().clear(&Clear::Namespace).await.expect("the store under test can be cleared");
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    assert!(s.extend(&[target(&key)], writer, LONG).await);
    assert!(s.end(&key, writer, 0, None).await.intact);
    s.put(&key, "fresh").await;
}
