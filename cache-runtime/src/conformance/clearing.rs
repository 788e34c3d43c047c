//! A namespace, or all keys of a template, can be emptied.

use super::{LONG, Subject, key, page};
use crate::store::{Clear, FillOutcome};
use std::borrow::Cow;

async fn clear(s: &Subject, scope: &Clear) -> u64 {
    s.store().clear(scope).await.expect("the store under test can be cleared").0
}

/// Cleared means empty, for every process, when the call returns; it tells how many entries went.
pub async fn cleared_namespace_is_empty(s: &Subject) {
    let keys: Vec<_> = (0..50).map(|n| key(&format!("product:{n}"))).chain([page("books", 1)]).collect();
    for key in &keys {
        s.put(key, "one").await;
    }
    assert_eq!(clear(s, &Clear::Namespace).await, 51);
    let reads = s.store().read(&keys).await.expect("the store under test answers a read");
    assert!(reads.iter().all(|read| read.entry.is_none()));
    assert_eq!(clear(s, &Clear::Namespace).await, 0);
}

/// Every epoch moves forward, so that entries which a process still holds are recognised.
pub async fn cleared_namespace_moves_every_epoch(s: &Subject) {
    let before = s.store().pulse().await.expect("the store under test has a pulse").epochs;
    clear(s, &Clear::Namespace).await;
    let after = s.store().pulse().await.expect("the store under test has a pulse").epochs;
    assert!(before.iter().zip(&after).all(|(before, after)| before < after));
    let key = key("product:1");
    assert_eq!(s.granted(&key, LONG).await.epoch, after[key.partition.index()]);
}

/// A load that began before stores nothing afterwards.
pub async fn cleared_namespace_refuses_fills_in_flight(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    clear(s, &Clear::Namespace).await;
    assert!(!s.store().renew(&key, grant.token, LONG).await.expect("the store under test answers a renewal"));
    assert_eq!(s.fill(&key, &grant, "stale", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.entry(&key).await, None);
}

/// Nobody waits for a load whose fill would be refused.
pub async fn cleared_namespace_grants_at_once(s: &Subject) {
    let key = key("product:1");
    s.granted(&key, LONG).await;
    clear(s, &Clear::Namespace).await;
    s.put(&key, "fresh").await;
    assert!(s.entry(&key).await.is_some());
}

fn three_digits(template: &str, text: &str) -> bool {
    assert_eq!(template, "product:<id>");
    text.strip_prefix("product:").is_some_and(|id| id.len() == 3)
}

fn of_three_digits() -> Clear {
    Clear::Prefix {
        prefix: Cow::Borrowed("product:"),
        matches: three_digits,
        template: Cow::Borrowed("product:<id>"),
    }
}

/// Only the keys with the prefix that also match go, and they are counted.
pub async fn cleared_prefix_takes_only_what_matches(s: &Subject) {
    let keys: Vec<_> = (90..110).map(|n| key(&format!("product:{n}"))).collect();
    let other = key("products:100");
    for key in keys.iter().chain([&other]) {
        s.put(key, "one").await;
    }
    assert_eq!(clear(s, &of_three_digits()).await, 10);
    for key in &keys {
        assert_eq!(s.entry(key).await.is_some(), key.text.len() < "product:100".len(), "{}", key.text);
    }
    assert!(s.entry(&other).await.is_some());
}

/// Loads in flight of those keys store nothing, others are not disturbed.
pub async fn cleared_prefix_drops_loads_in_flight(s: &Subject) {
    let (matching, other) = (key("product:100"), key("product:99"));
    let (first, second) = (s.granted(&matching, LONG).await, s.granted(&other, LONG).await);
    clear(s, &of_three_digits()).await;
    assert_eq!(s.fill(&matching, &first, "stale", Some(LONG)).await, FillOutcome::Refused);
    assert_eq!(s.fill(&other, &second, "one", Some(LONG)).await, FillOutcome::Stored);
    s.put(&matching, "fresh").await;
}
