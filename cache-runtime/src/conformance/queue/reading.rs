//! Who asks what is pending for a key is told.

use super::{QueueSubject, delta, deltas, done, entry, event, key, write};
use crate::{
    conformance::LONG,
    store::{Fingerprint, NewWrite, Pending, Shown, Shows, Token},
};

async fn shown(s: &QueueSubject, text: &str) -> Shown {
    s.look(&key(text)).await.expect("it is pending").shows
}

/// What was never written isn't pending.
pub async fn nothing_is_pending_at_first(s: &QueueSubject) {
    assert_eq!(s.look(&key("product:1")).await, None);
    s.queued(&write("product:2", "two")).await;
    assert_eq!(s.look(&key("product:1")).await, None);
    let mut elsewhere = key("product:2");
    elsewhere.partition = crate::conformance::elsewhere(elsewhere.partition);
    assert_eq!(s.look(&elsewhere).await, None);
}

/// From the answer on, and always the latest.
pub async fn value_is_shown(s: &QueueSubject) {
    let version = s.queued(&write("product:1", "one")).await;
    let shows = Shown::Value(entry("one"));
    let pending = Pending { version, flushed: 0, oldest: 0, moving: false, shows, halted: false };
    assert_eq!(s.look(&key("product:1")).await, Some(pending));
    let version = s.coalesced(&write("product:1", "two")).await;
    assert_eq!(s.look(&key("product:1")).await.map(|pending| pending.version), Some(version));
    assert_eq!(shown(s, "product:1").await, Shown::Value(entry("two")));
    s.queued(&event("product:1", "three")).await;
    assert_eq!(shown(s, "product:1").await, Shown::Value(entry("three")));
}

/// A pending deletion is known too, until something is written again.
pub async fn deletion_is_shown(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    s.coalesced(&NewWrite { shows: Shows::Absent, ..write("product:1", "") }).await;
    assert_eq!(shown(s, "product:1").await, Shown::Absent);
    s.coalesced(&write("product:1", "two")).await;
    assert_eq!(shown(s, "product:1").await, Shown::Value(entry("two")));
}

/// All of them, oldest first.
pub async fn deltas_are_shown_in_their_order(s: &QueueSubject) {
    let values: Vec<_> = (0..12).map(|n| n.to_string()).collect();
    for value in &values {
        s.queued(&delta("product:1", value)).await;
        s.queued(&delta("product:2", "other")).await;
    }
    let all: Vec<_> = values.iter().map(String::as_str).collect();
    assert_eq!(shown(s, "product:1").await, deltas(&all));
    let claim = s.claim(Token::random(), LONG).await;
    let first = s.take(&claim, &s.ids(&claim).await[..1]).await;
    assert!(s.settle(&claim, &[done(first.writes[0].id, first.writes[0].version)]).await);
    assert_eq!(shown(s, "product:1").await, deltas(&all[1..]));
}

/// Who has seen deltas knows by it whether these still wait, or others like them.
pub async fn oldest_delta_is_told(s: &QueueSubject) {
    let oldest = async || s.look(&key("product:1")).await.map(|pending| pending.oldest);
    let first = s.queued(&delta("product:1", "1")).await;
    let second = s.queued(&delta("product:1", "1")).await;
    assert_eq!(oldest().await, Some(first));
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &[first]).await;
    assert_eq!(oldest().await, Some(first));
    assert!(s.settle(&claim, &[done(first, first)]).await);
    assert_eq!(oldest().await, Some(second));
    s.flush(&claim, done).await;
    assert_eq!(oldest().await, None);
    let third = s.queued(&delta("product:1", "1")).await;
    assert_eq!(oldest().await, Some(third));
}

/// A reader of another release, to which the value means nothing, is told whose it is.
pub async fn another_variant_is_named(s: &QueueSubject) {
    s.queued(&write("product:1", "one")).await;
    let other = crate::store::EntryKey { fingerprint: Fingerprint(7), ..key("product:1") };
    let pending = s.look(&other).await.expect("it is pending");
    assert_eq!(pending.shows, Shown::Other(Fingerprint(key("").fingerprint.short().into())));
    s.coalesced(&NewWrite { shows: Shows::Absent, ..write("product:1", "") }).await;
    assert_eq!(s.look(&other).await.map(|pending| pending.shows), Some(Shown::Absent));
}

/// Whose write is taken may have it in the database already.
pub async fn taken_write_is_moving(s: &QueueSubject) {
    let ids = [
        s.queued(&write("product:1", "one")).await,
        s.queued(&write("product:2", "one")).await,
        s.queued(&write("product:3", "one")).await,
    ];
    let moving = async |text| s.look(&key(text)).await.map(|pending| pending.moving);
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &ids[..2]).await;
    for (text, expected) in [("product:1", true), ("product:2", true), ("product:3", false)] {
        assert_eq!(moving(text).await, Some(expected), "{text}");
    }
    s.coalesced(&write("product:1", "two")).await;
    assert_eq!(moving("product:1").await, Some(true));
    assert!(s.settle(&claim, &[done(ids[0], ids[0])]).await);
    for text in ["product:1", "product:2"] {
        assert_eq!(moving(text).await, Some(false), "{text}");
    }
}

/// How far the database is, while something is pending.
pub async fn flushed_version_is_told(s: &QueueSubject) {
    let ids = [
        s.queued(&event("product:1", "one")).await,
        s.queued(&event("product:1", "two")).await,
        s.queued(&event("product:1", "three")).await,
    ];
    let claim = s.claim(Token::random(), LONG).await;
    s.take(&claim, &ids[..2]).await;
    assert!(s.settle(&claim, &[done(ids[0], ids[0]), done(ids[1], ids[1])]).await);
    let pending = s.look(&key("product:1")).await.expect("one is pending");
    assert_eq!((pending.version, pending.flushed), (ids[2], ids[1]));
    s.flush(&claim, done).await;
    s.queued(&event("product:1", "four")).await;
    assert_eq!(s.look(&key("product:1")).await.map(|pending| pending.flushed), Some(0));
}
