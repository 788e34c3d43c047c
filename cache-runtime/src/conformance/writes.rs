//! Announced writes: nothing comes in between, and what they leave behind is the newest or nothing.

use super::{
    Grant, LONG, PAST_ROOMY, PAST_SHORT, ROOMY, SHORT, Subject, elsewhere, group, key, page, target,
};
use crate::store::{Ended, EntryKey, Fill, FillOutcome, Kept, Lookup, Target, Token, Version, Written};
use bytes::Bytes;
use std::time::Duration;

const INTACT: Ended = Ended { intact: true, stored: false };
const STORED: Ended = Ended { intact: true, stored: true };
const LOST: Ended = Ended { intact: false, stored: false };

impl Subject {
    pub(crate) async fn begin(&self, targets: &[Target], token: Token, intent: Duration) {
        self.store().begin(targets, token, intent).await.expect("the store under test answers a begin");
    }

    /// Announces a write to one key by a new writer.
    pub(crate) async fn announced(&self, key: &EntryKey) -> Token {
        let token = Token::random();
        self.begin(&[target(key)], token, LONG).await;
        token
    }

    pub(crate) async fn extend(&self, targets: &[Target], token: Token, intent: Duration) -> bool {
        self.store().extend(targets, token, intent).await.expect("the store under test answers an extend")
    }

    /// Ends a write to one key, which leaves this entry.
    pub(crate) async fn end(&self, key: &EntryKey, token: Token, version: u64, entry: Option<&str>) -> Ended {
        let epochs = self.store().pulse().await.expect("the store under test has a pulse").epochs;
        let kept = entry.map(|entry| Kept {
            fingerprint: key.fingerprint,
            entry: Bytes::copy_from_slice(entry.as_bytes()),
            ttl: Some(LONG),
            epoch: epochs[key.partition.index()],
        });
        self.end_with(key, token, version, kept).await
    }

    async fn end_with(&self, key: &EntryKey, token: Token, version: u64, kept: Option<Kept>) -> Ended {
        let written = Written { target: target(key).with_version(Version::new(version)), kept };
        let (ended, _) =
            self.store().end(&[written], token).await.expect("the store under test answers an end");
        assert_eq!(ended.len(), 1, "one answer for each");
        ended[0]
    }

    pub(crate) async fn fill_version(&self, key: &EntryKey, grant: &Grant, version: u64) -> FillOutcome {
        let fill = Fill {
            token: grant.token,
            entry: Bytes::from(version.to_string()),
            ttl: Some(LONG),
            epoch: grant.epoch,
            stamps: grant.stamps.clone(),
            version: Version::new(version),
        };
        self.store().fill(key, fill).await.expect("the store under test answers a fill")
    }
}

/// An announcement drops the entry and the load in flight, and until the write has ended nobody loads to store.
pub async fn announced_write_forbids_fills(s: &Subject) {
    let (stored, loading) = (key("product:1"), key("product:2"));
    s.put(&stored, "one").await;
    let grant = s.granted(&loading, LONG).await;
    let token = Token::random();
    s.begin(&[target(&stored), target(&loading)], token, LONG).await;
    assert_eq!(s.entry(&stored).await, None);
    assert_eq!(s.fill(&loading, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    for key in [&stored, &loading] {
        assert_eq!(s.acquire(key, Token::random(), LONG).await, Lookup::Bypass);
        assert_eq!(s.end(key, token, 0, None).await, INTACT);
        s.put(key, "fresh").await;
    }
    assert_eq!(s.fill(&loading, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
}

/// Who was alone leaves its entry, and who doesn't give one leaves none.
pub async fn write_that_was_alone_stores(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    assert_eq!(s.end(&key, token, 0, Some("one")).await, STORED);
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"one"[..]));
    let token = s.announced(&key).await;
    assert_eq!(s.end(&key, token, 0, None).await, INTACT);
    assert_eq!(s.entry(&key).await, None);
}

/// Its entry lives as long as it says.
pub async fn entry_of_a_write_is_gone_after_its_ttl(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    let epochs = s.store().pulse().await.expect("the store under test has a pulse").epochs;
    let kept = Kept {
        fingerprint: key.fingerprint,
        entry: Bytes::from_static(b"one"),
        ttl: Some(SHORT),
        epoch: epochs[key.partition.index()],
    };
    assert_eq!(s.end_with(&key, token, 0, Some(kept)).await, STORED);
    s.pass(PAST_SHORT).await;
    assert_eq!(s.entry(&key).await, None);
}

/// What was made in another epoch isn't stored.
pub async fn entry_of_another_epoch_is_not_stored(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    let epochs = s.store().pulse().await.expect("the store under test has a pulse").epochs;
    let kept = Kept {
        fingerprint: key.fingerprint,
        entry: Bytes::from_static(b"one"),
        ttl: Some(LONG),
        epoch: epochs[key.partition.index()] + 1,
    };
    assert_eq!(s.end_with(&key, token, 0, Some(kept)).await, INTACT);
    assert_eq!(s.entry(&key).await, None);
}

/// Nobody knows which of two writes that overlapped came last: neither leaves its entry, the next one does.
pub async fn overlapping_writes_store_nothing(s: &Subject) {
    let key = key("product:1");
    let (first, second) = (s.announced(&key).await, s.announced(&key).await);
    assert_eq!(s.end(&key, first, 0, Some("one")).await, INTACT);
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass, "the second is still open");
    assert_eq!(s.end(&key, second, 0, Some("two")).await, INTACT);
    assert_eq!(s.entry(&key).await, None);
    let third = s.announced(&key).await;
    assert_eq!(s.end(&key, third, 0, Some("three")).await, STORED);
}

/// A chain of writes, each of which overlaps the next only, stores nothing either.
pub async fn chain_of_overlapping_writes_stores_nothing(s: &Subject) {
    let key = key("product:1");
    let first = s.announced(&key).await;
    let second = s.announced(&key).await;
    assert_eq!(s.end(&key, first, 0, Some("one")).await, INTACT);
    let third = s.announced(&key).await;
    assert_eq!(s.end(&key, second, 0, Some("two")).await, INTACT);
    assert_eq!(s.end(&key, third, 0, Some("three")).await, INTACT);
    assert_eq!(s.entry(&key).await, None);
}

/// Versions tell which one came last, in whatever order they end.
pub async fn newest_of_overlapping_writes_stores(s: &Subject) {
    let key = key("product:1");
    let (first, second) = (s.announced(&key).await, s.announced(&key).await);
    assert_eq!(s.end(&key, first, 1, Some("one")).await, INTACT);
    assert_eq!(s.end(&key, second, 2, Some("two")).await, STORED);
    let (third, fourth) = (s.announced(&key).await, s.announced(&key).await);
    assert_eq!(s.end(&key, fourth, 4, Some("four")).await, INTACT, "the third may be newer");
    assert_eq!(s.end(&key, third, 3, Some("three")).await, INTACT);
    assert_eq!(s.entry(&key).await, None);
}

/// One write without a version among several: nobody knows.
pub async fn versions_do_not_tell_about_a_write_without(s: &Subject) {
    let key = key("product:1");
    let (first, second) = (s.announced(&key).await, s.announced(&key).await);
    assert_eq!(s.end(&key, first, 0, None).await, INTACT);
    assert_eq!(s.end(&key, second, 2, Some("two")).await, INTACT);
    let third = s.announced(&key).await;
    s.invalidate(&[target(&key)], None).await;
    assert_eq!(
        s.end(&key, third, 3, Some("three")).await,
        INTACT,
        "an invalidation is a write without version"
    );
    let fourth = s.announced(&key).await;
    s.invalidate(&[target(&key).with_version(Version::new(4))], None).await;
    assert_eq!(s.end(&key, fourth, 5, Some("five")).await, STORED, "this one told its version");
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"five"[..]));
}

/// A write that was never ended leaves the others in doubt, whatever their versions.
pub async fn write_that_ran_out_leaves_the_others_in_doubt(s: &Subject) {
    let key = key("product:1");
    let second = s.announced(&key).await;
    s.begin(&[target(&key)], Token::random(), SHORT).await;
    s.pass(PAST_SHORT).await;
    assert_eq!(s.end(&key, second, 2, Some("two")).await, INTACT);
    assert_eq!(s.entry(&key).await, None);
}

/// A repeated end finds no announcement: it drops, and stores nothing.
pub async fn repeated_end_drops(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    assert_eq!(s.end(&key, token, 0, Some("one")).await, STORED);
    for _ in 0..2 {
        assert_eq!(s.end(&key, token, 0, Some("one")).await, LOST);
        assert_eq!(s.entry(&key).await, None);
    }
}

/// A repeated announcement is the same one, not another that overlaps it.
pub async fn repeated_announcement_is_one(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    s.begin(&[target(&key)], token, SHORT).await;
    s.pass(PAST_SHORT).await;
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass, "the longer one counts");
    assert_eq!(s.end(&key, token, 0, Some("one")).await, STORED);
}

/// Who was not announced ends nobody's write, stores nothing, and drops what is there.
pub async fn end_by_another_leaves_the_announcement(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    assert_eq!(s.end(&key, Token::random(), 0, Some("foreign")).await, LOST);
    assert_eq!(s.entry(&key).await, None);
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    assert!(s.extend(&[target(&key)], token, LONG).await);
    assert_eq!(s.end(&key, token, 0, Some("one")).await, INTACT, "the other one may have come later");
}

/// An announcement that nobody extends ends, frees the key, and is told to be lost.
pub async fn announcement_that_ran_out_frees_the_key(s: &Subject) {
    let key = key("product:1");
    let token = Token::random();
    s.begin(&[target(&key)], token, SHORT).await;
    s.pass(PAST_SHORT).await;
    assert!(!s.extend(&[target(&key)], token, LONG).await, "it is not announced again");
    s.put(&key, "between").await;
    assert_eq!(s.end(&key, token, 0, Some("one")).await, LOST);
    assert_eq!(s.entry(&key).await, None, "what came in between is dropped");
    s.put(&key, "fresh").await;
}

/// An extended announcement lasts from then on.
pub async fn extended_announcement_outlives_its_first_end(s: &Subject) {
    let key = key("product:1");
    let token = Token::random();
    s.begin(&[target(&key)], token, ROOMY).await;
    assert!(s.extend(&[target(&key)], token, LONG).await);
    assert!(s.extend(&[target(&key)], token, SHORT).await, "the longer one counts");
    s.pass(PAST_ROOMY).await;
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    assert_eq!(s.end(&key, token, 0, Some("one")).await, STORED);
}

/// A write is extended everywhere or is lost: who lost it on one key must not believe in the others.
pub async fn write_lost_on_one_key_is_not_extended(s: &Subject) {
    let (one, two) = (key("product:1"), key("product:2"));
    let token = Token::random();
    s.begin(&[target(&one)], token, LONG).await;
    s.begin(&[target(&two)], token, SHORT).await;
    s.pass(PAST_SHORT).await;
    assert!(!s.extend(&[target(&one), target(&two)], token, LONG).await);
    assert!(!s.extend(&[target(&one)], Token::random(), LONG).await, "another's");
    assert!(s.extend(&[target(&one)], token, LONG).await);
}

/// Ending one key of a write leaves the others announced.
pub async fn keys_of_a_write_end_on_their_own(s: &Subject) {
    let (one, two) = (key("product:1"), key("product:2"));
    let token = Token::random();
    s.begin(&[target(&one), target(&two)], token, LONG).await;
    assert_eq!(s.end(&one, token, 0, Some("one")).await, STORED);
    assert_eq!(s.acquire(&two, Token::random(), LONG).await, Lookup::Bypass);
    assert_eq!(s.end(&two, token, 0, Some("two")).await, STORED);
}

/// A write whose statement may still commit holds its key although another one ends.
pub async fn hold_outlasts_the_writes_of_others(s: &Subject) {
    let key = key("product:1");
    let token = s.announced(&key).await;
    s.invalidate(&[target(&key)], Some(ROOMY)).await;
    assert_eq!(s.end(&key, token, 0, Some("one")).await, INTACT);
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    s.pass(PAST_ROOMY).await;
    s.put(&key, "fresh").await;
}

/// A row older than what a write has told isn't stored; the same one and a newer one are.
pub async fn fill_older_than_the_newest_write_is_refused(s: &Subject) {
    let told = [key("product:1"), key("product:2")];
    let token = s.announced(&told[0]).await;
    assert_eq!(s.end(&told[0], token, 5, None).await, INTACT);
    s.invalidate(&[target(&told[1]).with_version(Version::new(5))], None).await;
    for key in &told {
        // An older one doesn't lower it.
        s.invalidate(&[target(key).with_version(Version::new(3))], None).await;
        let grant = s.granted(key, LONG).await;
        assert_eq!(s.fill_version(key, &grant, 4).await, FillOutcome::Refused);
        assert_eq!(s.entry(key).await, None);
        let grant = s.granted_anew(key, &grant).await;
        assert_eq!(s.fill_version(key, &grant, 5).await, FillOutcome::Stored);
        s.invalidate(&[target(key)], None).await;
        let grant = s.granted(key, LONG).await;
        assert_eq!(s.fill_version(key, &grant, 6).await, FillOutcome::Stored);
    }
}

/// Versions are compared as numbers, to the last bit.
pub async fn large_versions_are_told_apart(s: &Subject) {
    let key = key("product:1");
    s.invalidate(&[target(&key).with_version(Version::new(u64::MAX))], None).await;
    let grant = s.granted(&key, LONG).await;
    assert_eq!(s.fill_version(&key, &grant, u64::MAX - 1).await, FillOutcome::Refused);
    let grant = s.granted_anew(&key, &grant).await;
    assert_eq!(s.fill_version(&key, &grant, 9).await, FillOutcome::Refused);
    let grant = s.granted_anew(&key, &grant).await;
    assert_eq!(s.fill_version(&key, &grant, u64::MAX).await, FillOutcome::Stored);
}

/// An announced write to a group keeps loads of its keys out, those in flight and those to come.
pub async fn announced_write_to_a_group_forbids_fills_of_its_keys(s: &Subject) {
    let (one, two, other) = (page("books", 1), page("books", 2), page("films", 1));
    let grant = s.granted(&one, LONG).await;
    let token = Token::random();
    let targets = [Target::Group(group("books"))];
    s.begin(&targets, token, LONG).await;
    assert_eq!(s.fill(&one, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    for page in [&one, &two] {
        assert_eq!(s.acquire(page, Token::random(), LONG).await, Lookup::Bypass);
    }
    s.put(&other, "other").await;
    assert!(s.extend(&targets, token, LONG).await);
    let written = Written { target: targets[0].clone(), kept: None };
    let (ended, _) = s
        .store()
        .end(std::slice::from_ref(&written), token)
        .await
        .expect("the store under test answers an end");
    assert_eq!(ended, [INTACT]);
    assert_eq!(s.fill(&one, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    s.put(&two, "fresh").await;
    let (ended, _) = s.store().end(&[written], token).await.expect("the store under test answers an end");
    assert_eq!(ended, [LOST]);
}

/// One write announces and ends keys and groups of any number of partitions, answered in the order asked.
pub async fn one_write_covers_many_partitions(s: &Subject) {
    let keys: Vec<_> = (0..100).map(|n| key(&format!("product:{n}"))).collect();
    let targets: Vec<_> = keys
        .iter()
        .map(target)
        .chain([Target::Group(group("books")), Target::Group(group("films"))])
        .collect();
    let token = Token::random();
    s.begin(&targets, token, LONG).await;
    assert!(s.extend(&targets, token, LONG).await);
    for key in keys.iter().chain([&page("books", 1), &page("films", 1)]) {
        assert_eq!(s.acquire(key, Token::random(), LONG).await, Lookup::Bypass);
    }
    // One of them has ended before.
    assert_eq!(s.end(&keys[7], token, 0, None).await, INTACT);
    assert!(!s.extend(&targets, token, LONG).await);
    let written: Vec<_> = targets.into_iter().map(|target| Written { target, kept: None }).collect();
    let (ended, _) = s.store().end(&written, token).await.expect("the store under test answers an end");
    let expected: Vec<_> = (0..written.len()).map(|n| if n == 7 { LOST } else { INTACT }).collect();
    assert_eq!(ended, expected);
    for key in &keys {
        s.put(key, "fresh").await;
    }
}

/// One text in two partitions is two keys: a write to one leaves the other alone.
pub async fn announced_write_leaves_other_keys_alone(s: &Subject) {
    let (one, mut other) = (key("product:1"), key("product:1"));
    other.partition = elsewhere(one.partition);
    s.put(&other, "other").await;
    let token = s.announced(&one).await;
    assert!(s.entry(&other).await.is_some());
    s.put(&key("product:2"), "two").await;
    assert_eq!(s.end(&other, token, 0, Some("foreign")).await, LOST);
    assert_eq!(s.end(&one, token, 0, Some("one")).await, STORED);
}
