//! What was written makes everything older disappear, even what is still being loaded.

use super::{LONG, PAST_ROOMY, PAST_SHORT, ROOMY, SHORT, Subject, elsewhere, key, target};
use crate::store::{FillOutcome, Fingerprint, Lookup, Token};

/// An invalidated entry is gone.
pub async fn invalidated_entry_is_gone(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "one").await;
    s.invalidate(&[target(&key)], None).await;
    assert_eq!(s.entry(&key).await, None);
}

/// A load that began before the invalidation stores nothing after it.
pub async fn invalidation_drops_the_load_in_flight(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    s.invalidate(&[target(&key)], None).await;
    assert_eq!(s.fill(&key, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.entry(&key).await, None);
}

/// Renewal doesn't bring back a lease that an invalidation killed.
pub async fn late_renewal_does_not_revive_a_killed_lease(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    s.invalidate(&[target(&key)], None).await;
    assert!(!s.store().renew(&key, grant.token, LONG).await.expect("the store under test answers a renewal"));
    assert_eq!(s.fill(&key, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
}

/// The entries of every value type under the key go, whichever release stored them.
pub async fn invalidation_drops_every_variant(s: &Subject) {
    let variants: Vec<_> = [1, 0x2222, 0xffff]
        .map(|fingerprint| {
            let mut key = key("product:1");
            key.fingerprint = Fingerprint(fingerprint);
            key
        })
        .into();
    for variant in &variants {
        s.put(variant, "one").await;
    }
    s.invalidate(&[target(&variants[0])], None).await;
    for variant in &variants {
        assert_eq!(s.entry(variant).await, None);
    }
}

/// A load that begins after the invalidation is stored.
pub async fn load_after_an_invalidation_is_stored(s: &Subject) {
    let key = key("product:1");
    s.granted(&key, LONG).await;
    s.invalidate(&[target(&key)], None).await;
    s.put(&key, "fresh").await;
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"fresh"[..]));
}

/// While a hold is open nothing is stored; afterwards loads are stored again.
pub async fn hold_forbids_fills_until_it_ends(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    s.invalidate(&[target(&key)], Some(ROOMY)).await;
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    assert_eq!(s.acquire(&key, grant.token, LONG).await, Lookup::Bypass);
    assert_eq!(s.fill(&key, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    s.pass(PAST_ROOMY).await;
    assert_eq!(s.fill(&key, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    s.put(&key, "fresh").await;
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"fresh"[..]));
}

/// Of two holds the longer one counts, and a plain invalidation ends none.
pub async fn longer_hold_wins(s: &Subject) {
    let key = key("product:1");
    s.invalidate(&[target(&key)], Some(2 * ROOMY)).await;
    s.invalidate(&[target(&key)], Some(SHORT)).await;
    s.invalidate(&[target(&key)], None).await;
    s.pass(PAST_SHORT).await;
    assert_eq!(s.acquire(&key, Token::random(), LONG).await, Lookup::Bypass);
    s.pass(2 * ROOMY).await;
    s.granted(&key, LONG).await;
}

/// Repeating an invalidation, even of nothing, is no mistake.
pub async fn invalidation_may_be_repeated(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "one").await;
    for _ in 0..3 {
        s.invalidate(&[target(&key), target(&key)], None).await;
        assert_eq!(s.entry(&key).await, None);
    }
    s.put(&key, "two").await;
}

/// Keys of any number of partitions go in one call.
pub async fn one_call_drops_keys_of_many_partitions(s: &Subject) {
    let keys: Vec<_> = (0..200).map(|n| key(&format!("product:{n}"))).collect();
    for key in &keys {
        s.put(key, "one").await;
    }
    s.invalidate(&keys.iter().map(target).collect::<Vec<_>>(), None).await;
    let reads = s.store().read(&keys).await.expect("the store under test answers a read");
    assert!(reads.iter().all(|read| read.entry.is_none()));
}

/// Keys of one partition, whose templates have value types of their own, go in one call.
pub async fn one_call_drops_keys_of_many_templates(s: &Subject) {
    let keys: Vec<_> = (0..4)
        .map(|n| {
            let mut key = key("product:1");
            key.text = format!("template{n}:1").into();
            key.template = format!("template{n}:<id>").into();
            key.fingerprint = Fingerprint(n);
            key
        })
        .collect();
    for key in &keys {
        s.put(key, "one").await;
    }
    s.invalidate(&keys.iter().map(target).collect::<Vec<_>>(), None).await;
    for key in &keys {
        assert_eq!(s.entry(key).await, None, "{}", key.text);
    }
}

/// Nothing else is touched.
pub async fn other_keys_keep_their_entries_and_leases(s: &Subject) {
    let (stored, loading) = (key("product:1"), key("product:2"));
    s.put(&stored, "one").await;
    let grant = s.granted(&loading, LONG).await;
    s.invalidate(&[target(&key("product:3")), target(&key("product:"))], Some(LONG)).await;
    assert!(s.entry(&stored).await.is_some());
    assert_eq!(s.fill(&loading, &grant, "two", Some(LONG)).await, FillOutcome::Stored);
}

/// One text in two partitions is two keys: what drops one leaves the other's entry, its lease and its fills.
pub async fn one_text_in_two_partitions_is_two_keys(s: &Subject) {
    let (one, mut other) = (key("product:1"), key("product:1"));
    other.partition = elsewhere(one.partition);
    s.put(&one, "one").await;
    assert_eq!(s.entry(&other).await, None);
    let grant = s.granted(&other, LONG).await;
    s.invalidate(&[target(&one)], Some(LONG)).await;
    assert_eq!(s.entry(&one).await, None);
    assert_eq!(s.fill(&other, &grant, "other", Some(LONG)).await, FillOutcome::Stored);
    s.invalidate(&[target(&one)], None).await;
    assert_eq!(s.entry(&other).await.as_deref(), Some(&b"other"[..]));
}
