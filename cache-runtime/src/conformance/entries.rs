//! What is stored can be read, until its time is over.

use super::{LONG, PAST_SHORT, SHORT, Subject, key, page};
use crate::store::{FillOutcome, Fingerprint, Stamp};
use bytes::Bytes;
use std::time::Duration;

/// A stored entry reads back byte for byte.
pub async fn what_is_stored_is_read(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "one").await;
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"one"[..]));
}

/// A key without entry reads as none, and a group without generation as stamp 0.
pub async fn nothing_stored_reads_as_missing(s: &Subject) {
    assert_eq!(s.entry(&key("product:1")).await, None);
    let read = s.read(&page("books", 1)).await;
    assert_eq!((read.entry, read.stamps), (None, vec![Stamp(0)]));
}

/// An entry is gone once its ttl has passed.
pub async fn entry_is_gone_after_its_ttl(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    assert_eq!(s.fill(&key, &grant, "one", Some(SHORT)).await, FillOutcome::Stored);
    s.pass(PAST_SHORT).await;
    assert_eq!(s.entry(&key).await, None);
}

/// An entry stored without ttl doesn't end with its lease.
pub async fn entry_without_ttl_stays(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, SHORT).await;
    assert_eq!(s.fill(&key, &grant, "one", None).await, FillOutcome::Stored);
    s.pass(PAST_SHORT).await;
    assert_eq!(s.entry(&key).await.as_deref(), Some(&b"one"[..]));
}

/// The answers of a batch stand in the order of its keys, grouped and ungrouped, in any partition.
pub async fn batch_answers_in_the_order_asked(s: &Subject) {
    let keys: Vec<_> =
        (0..40).map(|n| if n % 3 == 0 { page("books", n) } else { key(&format!("product:{n}")) }).collect();
    for (n, key) in keys.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        s.put(key, &format!("entry {n}")).await;
    }
    let reads = s.store().read(&keys).await.expect("the store under test answers a read");
    assert_eq!(reads.len(), keys.len());
    for (n, (key, read)) in keys.iter().zip(reads).enumerate() {
        let expected = (n % 2 == 0).then(|| Bytes::from(format!("entry {n}")));
        assert_eq!(read.entry, expected, "{}", key.text);
        assert_eq!(read.stamps.len(), key.groups.len());
    }
}

/// A key may stand twice in a batch.
pub async fn one_key_twice_in_a_batch_is_answered_twice(s: &Subject) {
    let key = key("product:1");
    s.put(&key, "one").await;
    let reads = s.store().read(&[key.clone(), key]).await.expect("the store under test answers a read");
    assert_eq!(reads.len(), 2);
    assert_eq!(reads[0], reads[1]);
    assert!(reads[0].entry.is_some());
}

/// A batch of nothing is answered with nothing.
pub async fn empty_batch_is_answered(s: &Subject) {
    assert_eq!(s.store().read(&[]).await.expect("the store under test answers a read"), []);
    s.invalidate(&[], None).await;
}

/// A mebibyte of every byte value survives.
pub async fn large_entry_comes_back_whole(s: &Subject) {
    let key = key("product:1");
    let grant = s.granted(&key, LONG).await;
    let entry: Bytes = (0..1_048_576_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let fill = crate::store::Fill {
        token: grant.token,
        entry: entry.clone(),
        ttl: Some(LONG),
        epoch: grant.epoch,
        stamps: Vec::new(),
        version: None,
    };
    assert_eq!(
        s.store().fill(&key, fill).await.expect("the store under test answers a fill"),
        FillOutcome::Stored
    );
    assert_eq!(s.entry(&key).await, Some(entry));
}

/// Keys may hold any text, even what means something to the store.
pub async fn keys_may_hold_any_text(s: &Subject) {
    let texts = [
        "produit:café",
        "ключ",
        "a b\tc\r\nd",
        "{user:7}:x",
        "}{",
        "a#beef",
        "*?[a-z]\\",
        "%2F",
        "\u{0}",
        "🦀:1",
    ];
    for (n, text) in texts.iter().enumerate() {
        s.put(&key(text), &n.to_string()).await;
    }
    for (n, text) in texts.iter().enumerate() {
        assert_eq!(s.entry(&key(text)).await, Some(Bytes::from(n.to_string())), "{text:?}");
    }
}

/// Two value types under one key keep entries of their own.
pub async fn variants_of_a_key_do_not_see_each_other(s: &Subject) {
    let old = key("product:1");
    let mut new = old.clone();
    new.fingerprint = Fingerprint(0x77);
    s.put(&old, "old").await;
    assert_eq!(s.entry(&new).await, None);
    s.put(&new, "new").await;
    assert_eq!(s.entry(&old).await.as_deref(), Some(&b"old"[..]));
    assert_eq!(s.entry(&new).await.as_deref(), Some(&b"new"[..]));
}

/// The pulse tells the store's time, and the epoch of every partition.
pub async fn time_of_the_store_advances(s: &Subject) {
    let first = s.store().pulse().await.expect("the store under test has a pulse");
    s.pass(Duration::from_millis(20)).await;
    let second = s.store().pulse().await.expect("the store under test has a pulse");
    assert!(second.time >= first.time + Duration::from_millis(20));
    assert_eq!(first.epochs.len(), 64);
    assert_eq!(first.epochs, second.epochs);
}
