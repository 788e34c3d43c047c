//! Stored keys can be walked. A store may refuse to; one that doesn't leaves nothing out.

use super::{Subject, key, page, target};
use crate::store::{ScannedKey, StoreErrorKind};
use std::collections::HashSet;

/// Everything that a walk finds, with `between` called after each step; none if the store refuses.
async fn walk(s: &Subject, prefix: &str, mut between: impl AsyncFnMut()) -> Option<HashSet<ScannedKey>> {
    let (mut found, mut cursor) = (HashSet::new(), None);
    loop {
        let scanned = match s.store().scan(prefix, cursor.as_ref()).await {
            Ok(scanned) => scanned,
            Err(error) if error.kind() == StoreErrorKind::Refused && cursor.is_none() => return None,
            Err(error) => panic!("the store under test answers a scan: {error}"),
        };
        found.extend(scanned.keys);
        between().await;
        cursor = scanned.next;
        if cursor.is_none() {
            return Some(found);
        }
    }
}

/// Keys with the prefix are found with their variants, and others are not.
pub async fn scan_finds_every_key_with_the_prefix(s: &Subject) {
    let stored: Vec<_> = (0..300).map(|n| key(&format!("product:{n}"))).collect();
    for key in stored.iter().chain([&page("books", 1), &key("product*"), &key("prod")]) {
        s.put(key, "one").await;
    }
    let Some(found) = walk(s, "product:", async || ()).await else { return };
    let expected: HashSet<ScannedKey> = stored
        .iter()
        .map(|key| ScannedKey { text: key.text.clone(), variant: key.fingerprint.short() })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(walk(s, "nothing:", async || ()).await, Some(HashSet::new()));
    assert_eq!(walk(s, "", async || ()).await.map(|all| all.len()), Some(303));
}

/// What is stored from beginning to end is found, whatever happens to the rest.
pub async fn scan_finds_what_stays_while_others_come_and_go(s: &Subject) {
    let (stay, go): (Vec<_>, Vec<_>) =
        (0..300).map(|n| key(&format!("product:{n}"))).partition(|key| key.text.ends_with('7'));
    for key in stay.iter().chain(&go) {
        s.put(key, "one").await;
    }
    let mut going = go.chunks(100).enumerate();
    let found = walk(s, "product:", async || {
        if let Some((n, chunk)) = going.next() {
            s.invalidate(&chunk.iter().map(target).collect::<Vec<_>>(), None).await;
            s.put(&key(&format!("product:new:{n}")), "one").await;
        }
    });
    let Some(found) = found.await else { return };
    for key in &stay {
        assert!(found.iter().any(|found| found.text == key.text), "{:?} was there all along", key.text);
    }
}
